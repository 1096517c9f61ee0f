"""The development issuer: signs in anybody as anyone, so it runs on a developer's own machine and nowhere else.

`LIANDONG_ENV=dev python -m kit.auth.issuer --port 9000 --key-file .data/issuer.jwk`.  It refuses to start without
LIANDONG_ENV=dev, or on an address that others can reach.  In production the issuer is the province's OIDC server.

A portal signs people in by the code flow of OpenID Connect, as it would there; whoever only needs a token asks for one
(`app`).  Nothing is kept but in memory: with a restart all are signed out.
"""
