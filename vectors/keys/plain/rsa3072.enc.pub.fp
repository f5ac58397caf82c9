3072 SHA256:5YS/VkHUgooY7sbokhZsvPGujLja5fQF6KKmETWI5N0 test@example (RSA)
3072 MD5:08:54:44:c7:fe:a7:5a:1d:f1:3a:f5:79:49:09:de:62 test@example (RSA)
