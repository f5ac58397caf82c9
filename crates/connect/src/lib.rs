//! An SSH client for people: a login with keys, a shell or a command, bytes both ways.
//!
//! The protocol is `russh`'s; which keys are offered, whom the host key may belong to and what is
//! said when it does not work is decided here. It asks nobody and prints nothing: who calls it
//! does.
