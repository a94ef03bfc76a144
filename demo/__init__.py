"""The demo province's departmental systems, simulated: `python -m demo --state DIR`.

Small servers on 127.0.0.1, each speaking a real protocol: the 12345 hotline (paged HTTP JSON with ETag), approvals (an SQL
database), office documents (HTTP JSON with next links), two offices that drop files, a city that counts by itself, and the
cloud platform (OpenMetrics). A case is decided whole at birth, from the seed and the day; what a system shows at an instant is
a filter, so there is no state to lose. The control port moves all systems to an instant, or lets them follow the real clock.
Nothing of the product is imported by them, and the product knows no more of them than the address of the control port. Only
`people.py` uses the product, as people do: it looks at alerts and acknowledges them.
"""
