"""The linkage mechanism (联动机制): the city's standard and leading group, the streets' joint conferences."""
