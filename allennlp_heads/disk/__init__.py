"""What kills, full disks and damage do to files, and what is done against it."""
