//! Protobuf's text format, as far as a `config.pbtxt` needs it.

use std::fmt::{Display, Write};

/// Text in the making, two spaces a level.
#[derive(Debug, Default)]
pub(super) struct Text {
    text: String,
    depth: usize,
}

impl Text {
    /// What was written.
    pub(super) fn finish(self) -> String {
        self.text
    }

    /// A field that is a number, a list of numbers or the name of an enum's value.
    pub(super) fn plain(&mut self, field: &str, value: impl Display) {
        self.line(&format!("{field}: {value}"));
    }

    /// A field of text.
    pub(super) fn quoted(&mut self, field: &str, text: &str) {
        self.line(&format!("{field}: {}", quote(text)));
    }

    /// A field that is a message, filled by `inside`.
    pub(super) fn message(&mut self, field: &str, inside: impl FnOnce(&mut Self)) {
        self.nest(&format!("{field} {{"), "}", inside);
    }

    /// A repeated field: a message for each of `items`, filled by `each`.
    pub(super) fn list<T>(&mut self, field: &str, items: &[T], each: impl Fn(&mut Self, &T)) {
        self.nest(&format!("{field} ["), "]", |text| {
            for (index, item) in items.iter().enumerate() {
                let close = if index + 1 < items.len() { "}," } else { "}" };
                text.nest("{", close, |text| each(text, item));
            }
        });
    }

    fn nest(&mut self, open: &str, close: &str, inside: impl FnOnce(&mut Self)) {
        self.line(open);
        self.depth += 1;
        inside(self);
        self.depth -= 1;
        self.line(close);
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(&"  ".repeat(self.depth));
        self.text.push_str(line);
        self.text.push('\n');
    }
}

/// `text` between quotes; what would end it or hide in it is escaped.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            control if control.is_ascii_control() => {
                let _ = write!(quoted, "\\{:03o}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_nest_and_text_is_escaped() {
        let mut text = Text::default();
        text.quoted("name", "a \"b\"\\\n\u{1}ü");
        text.list("step", &[1, 2], |text, item| text.plain("number", item));
        text.message("empty", |_| {});
        let expected = concat!(
            r#"name: "a \"b\"\\\n\001ü""#,
            "\nstep [\n  {\n    number: 1\n  },\n  {\n    number: 2\n  }\n]\nempty {\n}\n"
        );
        assert_eq!(text.finish(), expected);
    }
}
