"""Behind emulator.profile: the model of a profile, its files, and the names under which they are found."""
