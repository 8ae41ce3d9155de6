# A community's own content instead of ours, counted from the project's root (docs/Tensey_Bot_Integration.md).
OWN_FILES := CHALLENGES_FILE STATS_FILE FLAGS_FILE COURSE_FILE QUESTIONS_FILE LOOK_FILE
# Make would run what it reads as $(shell ...) in a file's name; so each name is taken as it stands. In recipes it is a
# variable of the shell, for the same reason.
$(foreach name,$(OWN_FILES),$(eval override $(name) := $$(value $(name))))
OWN_CONTENT := $(strip $(foreach name,$(filter-out LOOK_FILE,$(OWN_FILES)),$(if $($(name)),$(name))))
OWN_LOOK := $(if $(LOOK_FILE),LOOK_FILE)
