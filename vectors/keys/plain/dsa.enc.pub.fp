1024 SHA256:/nyGq/0wEqV+2hS+/Lt/2qT5k4YdE21VtRt1zXgGyHw test@example (DSA)
1024 MD5:68:1a:30:25:52:b2:51:78:c5:a4:ff:5c:db:6e:e7:d2 test@example (DSA)
