"""Pictures that the server draws: pure functions from the API's answers to shapes; templates write them as SVG."""
