"""What is not the tool itself: drawn scenes, the demo models' training, and the examples that come with the app."""
