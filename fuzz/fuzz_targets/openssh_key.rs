//! OpenSSH's own private key files: as text, and their content in the right armour.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| match data.split_first() {
    Some((0, content)) => sshwhy_fuzz::armoured(
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "-----END OPENSSH PRIVATE KEY-----",
        content,
    ),
    _ => sshwhy_fuzz::private_key(data),
});
