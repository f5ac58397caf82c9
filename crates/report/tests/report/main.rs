//! What comes out, from judgements written by hand.

mod redact;
mod scenarios;
mod schema;
mod support;
mod text;
mod validator;
