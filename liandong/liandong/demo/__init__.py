"""The demo: Lanzhou's plan of 2022 from application to rating, played through the HTTP interfaces.

Places are real (divisions.csv); organisations, workers, residents and volunteers are plainly made up.
"""
