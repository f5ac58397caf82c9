384 SHA256:Fyqe1iG1U3iqx4iMPlpJnw2f3M/5aOqwVcMuQXoVaQQ test@example (ECDSA)
384 MD5:fd:d5:4d:b6:5f:1b:44:af:0c:fd:3f:9d:70:d0:e2:8e test@example (ECDSA)
