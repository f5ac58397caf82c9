//! Private key files of ssh.com: as text, and their content in the right armour.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| match data.split_first() {
    Some((0, content)) => sshwhy_fuzz::armoured(
        "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----",
        "---- END SSH2 ENCRYPTED PRIVATE KEY ----",
        content,
    ),
    _ => sshwhy_fuzz::private_key(data),
});
