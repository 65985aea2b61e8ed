"""The website: the widget's files, the conversations API, the demo site."""
