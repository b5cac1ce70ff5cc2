//! JSON in which no key is there twice: readers differ in which of two they take.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Checks that a text is JSON without a key that an object has twice. Depth is limited by the parser.
///
/// # Errors
/// Those of the parser, and one for a key that is there twice.
pub(super) fn check(text: &[u8]) -> serde_json::Result<()> {
    serde_json::from_slice::<Once>(text).map(drop)
}

/// Any value, read and forgotten.
struct Once;

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Keys)
    }
}

struct Keys;

impl<'de> Visitor<'de> for Keys {
    type Value = Once;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Once, A::Error> {
        let mut seen = HashSet::new();
        while let Some((key, Once)) = map.next_entry::<String, Once>()? {
            if let Some(twice) = seen.replace(key) {
                return Err(A::Error::custom(format!("key `{twice:.64}` is there twice")));
            }
        }
        Ok(Once)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Once, A::Error> {
        while list.next_element::<Once>()?.is_some() {}
        Ok(Once)
    }

    fn visit_unit<E>(self) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_str<E>(self, _: &str) -> Result<Once, E> {
        Ok(Once)
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_key_is_there_once_at_every_depth() {
        assert!(check(br#"{"a": 1, "b": {"a": [null, true, -1, 0.5, "a", {"a": 1}]}}"#).is_ok());
        let refused = |text: &[u8]| check(text).unwrap_err().to_string();
        assert!(refused(br#"{"a": 1, "a": 1}"#).contains("key `a` is there twice"));
        assert!(refused(br#"{"x": [{"a": 1, "\u0061": 2}]}"#).contains("key `a` is there twice"));
        assert!(!refused(b"{\"a\": \"\xff\"}").is_empty());
        assert!(refused("[".repeat(100_000).as_bytes()).contains("recursion"));
        assert!(!refused(b"{\"a\": NaN}").is_empty() && !refused(b"{\"a\": 1e999}").is_empty());
    }
}
