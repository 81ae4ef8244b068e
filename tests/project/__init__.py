"""What holds for the project as a whole: set-up, deployment, shape."""
