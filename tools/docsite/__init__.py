"""The docs site: pages and pictures that are made while it is built, and the blocks of the pages that the tests run."""
