"""What the subcommands of /security do, a file each; `commands.main.security` declares the whole."""
