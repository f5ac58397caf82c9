//! As much of JSON Schema 2020-12 as the published schema uses. A keyword not known here fails, so
//! that none is silently passed over.

use serde_json::Value;

/// What in `value` the schema does not allow.
pub(crate) fn problems(schema: &Value, value: &Value) -> Vec<String> {
    let mut out = Vec::new();
    check(schema, schema, value, "$", &mut out);
    out
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str, out: &mut Vec<String>) {
    for (keyword, rule) in schema.as_object().expect("a schema is an object") {
        let number = || rule.as_f64().expect("a number");
        let good = match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" | "then" => true,
            "$ref" => {
                let pointer = rule
                    .as_str()
                    .and_then(|r| r.strip_prefix('#'))
                    .expect("a local ref");
                let target = root.pointer(pointer).expect("a ref that leads somewhere");
                check(root, target, value, at, out);
                true
            }
            "type" => match rule {
                Value::Array(any) => any.iter().any(|t| is_type(t, value)),
                one => is_type(one, value),
            },
            "const" => rule == value,
            "enum" => rule.as_array().expect("an array").contains(value),
            "required" => rule.as_array().expect("an array").iter().all(|key| {
                value
                    .as_object()
                    .is_none_or(|o| o.contains_key(key.as_str().unwrap()))
            }),
            "properties" => {
                for (key, inner) in rule.as_object().expect("an object") {
                    if let Some(child) = value.get(key) {
                        check(root, inner, child, &format!("{at}.{key}"), out);
                    }
                }
                true
            }
            "items" => {
                for (n, child) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, rule, child, &format!("{at}[{n}]"), out);
                }
                true
            }
            "allOf" => {
                for inner in rule.as_array().expect("an array") {
                    check(root, inner, value, at, out);
                }
                true
            }
            "if" => {
                let mut not = Vec::new();
                check(root, rule, value, at, &mut not);
                if not.is_empty() {
                    check(root, &schema["then"], value, at, out);
                }
                true
            }
            "pattern" => value
                .as_str()
                .is_none_or(|s| matches(rule.as_str().unwrap(), s)),
            "minimum" => value.as_f64().is_none_or(|n| n >= number()),
            "maximum" => value.as_f64().is_none_or(|n| n <= number()),
            "minItems" => value.as_array().is_none_or(|a| a.len() as f64 >= number()),
            "maxItems" => value.as_array().is_none_or(|a| a.len() as f64 <= number()),
            "minLength" => value
                .as_str()
                .is_none_or(|s| s.chars().count() as f64 >= number()),
            "maxLength" => value
                .as_str()
                .is_none_or(|s| s.chars().count() as f64 <= number()),
            other => panic!("the schema uses {other}, which this test does not know"),
        };
        if !good {
            out.push(format!("{at}: {keyword} {rule} does not hold for {value}"));
        }
    }
}

fn is_type(name: &Value, value: &Value) -> bool {
    match name.as_str().expect("a type's name") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("no type is called {other}"),
    }
}

/// The two patterns that the schema has.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern {
        "^[a-z0-9]+(-[a-z0-9]+)*$" => text.split('-').all(|w| {
            !w.is_empty()
                && w.bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        }),
        "^[0-7]{4,5}$" => {
            (4..=5).contains(&text.len()) && text.bytes().all(|b| (b'0'..=b'7').contains(&b))
        }
        other => panic!("the pattern {other} is not known to this test"),
    }
}
