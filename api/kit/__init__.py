"""Our thin layer over flask-smorest: declare an operation once, and it acts and documents."""
