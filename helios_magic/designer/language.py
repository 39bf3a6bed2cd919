def check(p): pass
