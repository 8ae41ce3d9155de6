"""The custom_id paths of the subcommands of /course, whose pages link to each other."""

OVERVIEW, MODULE, PROGRESS, WATCH, ASK = (
    "course.overview",
    "course.module",
    "course.progress",
    "course.watch",
    "course.ask",
)
