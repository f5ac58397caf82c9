256 SHA256:/NNe3ncHMb+l76Dwwr5whKQM70lQVy3+Se/mwY9ACaA test@example (ED25519-CERT)
256 MD5:14:c9:f0:a4:f1:c3:2e:f5:99:5e:fc:57:25:4e:28:db test@example (ED25519-CERT)
