"""The OpenAPI 3.1 document: made from the schemas and routes, then finished with what is the same everywhere."""
