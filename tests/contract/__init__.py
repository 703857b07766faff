"""The contract: committed document equals code, and the code keeps what the document says."""
