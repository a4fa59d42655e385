"""What tests are helped by: nothing in it is a test, and nothing in it is the product."""
