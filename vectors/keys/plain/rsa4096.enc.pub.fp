4096 SHA256:mdadqHKRAQzXkTLIvQ6F6hvsH6mllPcE16FL8p/mAcQ test@example (RSA)
4096 MD5:be:24:3d:05:73:b9:3b:87:61:9b:e6:17:75:6d:50:60 test@example (RSA)
