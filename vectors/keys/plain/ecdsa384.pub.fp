384 SHA256:lb6g1Gbfiwo4227E0kNW1JrWwtlXbXbYDf8HUL5X6lU test@example (ECDSA)
384 MD5:61:81:1c:db:7a:e7:f9:88:75:12:0c:91:f2:9a:1f:9f test@example (ECDSA)
