//! PuTTY's private key files.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| sshwhy_fuzz::private_key(data));
