//! A strict reader of protobuf's text format, as far as a `config.pbtxt` needs it: what it does not know is an error.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;
use std::vec::IntoIter;

/// A message's fields in order; a list is as many fields of one name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Message(Vec<(String, Value)>);

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Text(String),
    Number(i64),
    Word(String),
    Message(Message),
}

impl Message {
    /// Asserts that no field has another name.
    pub fn only(&self, known: &[&str]) -> &Self {
        for (name, _) in &self.0 {
            assert!(known.contains(&name.as_str()), "unknown field {name} in {self:?}");
        }
        self
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &Value> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value)
    }

    fn one(&self, name: &str) -> &Value {
        let found: Vec<_> = self.all(name).collect();
        assert_eq!(found.len(), 1, "fields {name} in {self:?}");
        found[0]
    }

    pub fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    pub fn text(&self, name: &str) -> &str {
        match self.one(name) {
            Value::Text(text) => text,
            other => panic!("{name} is {other:?}"),
        }
    }

    pub fn word(&self, name: &str) -> &str {
        match self.one(name) {
            Value::Word(word) => word,
            other => panic!("{name} is {other:?}"),
        }
    }

    pub fn number(&self, name: &str) -> i64 {
        let numbers = self.numbers(name);
        assert_eq!(numbers.len(), 1, "{name} in {self:?}");
        numbers[0]
    }

    pub fn numbers(&self, name: &str) -> Vec<i64> {
        self.all(name)
            .map(|value| match value {
                Value::Number(number) => *number,
                other => panic!("{name} is {other:?}"),
            })
            .collect()
    }

    pub fn messages(&self, name: &str) -> Vec<&Message> {
        self.all(name)
            .map(|value| match value {
                Value::Message(message) => message,
                other => panic!("{name} is {other:?}"),
            })
            .collect()
    }

    pub fn message(&self, name: &str) -> &Message {
        let messages = self.messages(name);
        assert_eq!(messages.len(), 1, "{name} in {self:?}");
        messages[0]
    }

    /// A map's entries, which have a key once each; `value` reads an entry.
    pub fn map(&self, name: &str, value: impl Fn(&Message) -> String) -> BTreeMap<String, String> {
        let mut map = BTreeMap::new();
        for entry in self.messages(name) {
            entry.only(&["key", "value"]);
            let twice = map.insert(entry.text("key").to_owned(), value(entry));
            assert_eq!(twice, None, "{name} has a key twice: {self:?}");
        }
        map
    }
}

/// Reads a message's text.
pub fn parse(text: &str) -> Result<Message, String> {
    fields(&mut tokens(text)?.into_iter().peekable(), None)
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Number(i64),
    Text(String),
    Mark(char),
}

type Tokens = Peekable<IntoIter<Token>>;

fn fields(tokens: &mut Tokens, end: Option<Token>) -> Result<Message, String> {
    let mut message = Message::default();
    loop {
        let name = match tokens.next() {
            found if found == end => return Ok(message),
            Some(Token::Word(name)) => name,
            found => return Err(format!("found {found:?}, expected a field or {end:?}")),
        };
        let values = match tokens.next() {
            Some(Token::Mark(':')) if tokens.next_if_eq(&Token::Mark('[')).is_some() => list(tokens, scalar)?,
            Some(Token::Mark(':')) => vec![scalar(tokens)?],
            Some(Token::Mark('{')) => vec![body(tokens)?],
            Some(Token::Mark('[')) => list(tokens, braced)?,
            found => return Err(format!("found {found:?} after {name}")),
        };
        message.0.extend(values.into_iter().map(|value| (name.clone(), value)));
    }
}

fn list(tokens: &mut Tokens, item: fn(&mut Tokens) -> Result<Value, String>) -> Result<Vec<Value>, String> {
    let mut values = vec![item(tokens)?];
    loop {
        match tokens.next() {
            Some(Token::Mark(',')) => values.push(item(tokens)?),
            Some(Token::Mark(']')) => return Ok(values),
            found => return Err(format!("found {found:?} in a list")),
        }
    }
}

fn scalar(tokens: &mut Tokens) -> Result<Value, String> {
    match tokens.next() {
        Some(Token::Text(text)) => Ok(Value::Text(text)),
        Some(Token::Number(number)) => Ok(Value::Number(number)),
        Some(Token::Word(word)) => Ok(Value::Word(word)),
        found => Err(format!("found {found:?}, expected a value")),
    }
}

fn braced(tokens: &mut Tokens) -> Result<Value, String> {
    match tokens.next() {
        Some(Token::Mark('{')) => body(tokens),
        found => Err(format!("found {found:?}, expected a message")),
    }
}

fn body(tokens: &mut Tokens) -> Result<Value, String> {
    fields(tokens, Some(Token::Mark('}'))).map(Value::Message)
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut found = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(&letter) = letters.peek() {
        let in_word = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
        if in_word(&letter) {
            let mut word = String::new();
            while let Some(letter) = letters.next_if(in_word) {
                word.push(letter);
            }
            found.push(match word.parse() {
                Ok(number) => Token::Number(number),
                Err(_) if letter.is_ascii_alphabetic() && !word.contains('-') => Token::Word(word),
                Err(_) => return Err(format!("neither a name nor a number: {word}")),
            });
            continue;
        }
        letters.next();
        match letter {
            ' ' | '\n' => {}
            ':' | ',' | '{' | '}' | '[' | ']' => found.push(Token::Mark(letter)),
            '"' => found.push(Token::Text(quoted(&mut letters)?)),
            other => return Err(format!("unknown syntax: {other:?}")),
        }
    }
    Ok(found)
}

fn quoted(letters: &mut Peekable<Chars<'_>>) -> Result<String, String> {
    let mut text = String::new();
    loop {
        match letters.next() {
            Some('"') => return Ok(text),
            Some('\\') => text.push(escaped(letters)?),
            Some(letter) if !letter.is_control() => text.push(letter),
            found => return Err(format!("found {found:?} in a text")),
        }
    }
}

fn escaped(letters: &mut Peekable<Chars<'_>>) -> Result<char, String> {
    match letters.next() {
        Some('n') => Ok('\n'),
        Some(letter @ ('"' | '\\')) => Ok(letter),
        Some(first @ '0'..='3') => {
            let digits: String = [Some(first), letters.next(), letters.next()].into_iter().flatten().collect();
            let code = u8::from_str_radix(&digits, 8).map_err(|why| format!("\\{digits}: {why}"))?;
            Ok(char::from(code))
        }
        found => Err(format!("unknown escape: {found:?}")),
    }
}

#[test]
fn what_is_not_the_format_is_refused() {
    let read = parse("a: 1 b: [ 2, -3 ] c { d: \"x\\n\\\"\\001\" } e [ { f: TYPE }, { } ] g { }").unwrap();
    assert_eq!((read.number("a"), read.numbers("b")), (1, vec![2, -3]));
    assert_eq!(read.message("c").text("d"), "x\n\"\u{1}");
    assert_eq!(read.messages("e")[0].word("f"), "TYPE");
    for bad in [
        "a",
        "a:",
        "a: 1,,",
        "a 1",
        "a: [ 1, ]",
        "a: [ ]",
        "a { b: 1",
        "a: 1 }",
        "a: 'x'",
        "a: \"x",
        "a: \"\\q\"",
        "a: 1.5",
        "# a",
        "a: 1-2",
        "a [ 1 ]",
    ] {
        assert!(parse(bad).is_err(), "{bad} was read as {:?}", parse(bad));
    }
}
