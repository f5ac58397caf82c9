1024 SHA256:Bcj2f8lTrGZwxAgK9f9l/1WEId1Qwkil9epZKVKNCIw test@example (RSA)
1024 MD5:6c:c2:a3:d8:01:c2:86:5c:8b:0c:10:40:8c:d8:f0:b7 test@example (RSA)
