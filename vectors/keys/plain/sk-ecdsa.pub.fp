256 SHA256:hapSJkkW2mFdyu3iEDp62JCqLQAGMlfnH83Pt9bR5R0 test@example (ECDSA-SK)
256 MD5:d7:61:60:16:25:f4:0f:5f:01:78:e7:bf:3c:85:a0:5c test@example (ECDSA-SK)
