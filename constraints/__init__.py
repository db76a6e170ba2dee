"""What planners live by: one rule family a file, goals in ``goals/``. Nothing here knows another family or a solver."""
