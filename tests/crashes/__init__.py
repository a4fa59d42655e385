"""A process may die at any instant: nobody is lost, and nobody is called twice."""
