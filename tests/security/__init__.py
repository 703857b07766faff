"""What somebody hostile tries: each of these was once possible, or would be the first thing tried."""
