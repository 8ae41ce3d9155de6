"""What the subcommands of /admin do, a file each; `commands.main.admin` declares the whole."""
