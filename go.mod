module petri

go 1.26
