1024 SHA256:lRxfN1Wku4eLJVDoHnoZdo366waBd+LMH9Fpw67IPng test@example (DSA)
1024 MD5:e4:cc:42:c2:e5:3e:2a:1a:db:84:15:7d:e2:8e:1b:38 test@example (DSA)
