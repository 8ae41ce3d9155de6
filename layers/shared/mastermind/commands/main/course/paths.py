"""The subcommands of /course as custom_ids name them: its pages lead to each other."""

OVERVIEW, MODULE, PROGRESS, WATCH, ASK = (
    "course.overview",
    "course.module",
    "course.progress",
    "course.watch",
    "course.ask",
)
