//! The library names settings, and the command line the flags that set them.

use std::path::{Path, PathBuf};

use super::house::{Scratch, oasis};
use crate::arguments;

/// Flags of other programs: cargo's, and those that nvidia-smi is run with.
const FOREIGN: [&str; 4] = ["--release", "--features", "--query-gpu", "--format"];

#[test]
fn the_library_names_no_flag() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for file in sources(&root) {
        let text = std::fs::read_to_string(&file).unwrap();
        for (line, literal) in literals(&text) {
            let own = flags(&literal).filter(|flag| !FOREIGN.contains(flag));
            found.extend(own.map(|flag| format!("{}:{line}: {flag}", file.strip_prefix(&root).unwrap().display())));
        }
    }
    assert!(found.is_empty(), "the library names flags, expected settings between backticks:\n{}", found.join("\n"));
}

/// What writes to a stream raw or panics where it cannot, and names as text raw: where each is looked for, and where it
/// may stand.
const RAW: [(&str, &str, &[&str]); 7] = [
    ("println!", "", &[]),
    ("print!(", "", &[]),
    ("dbg!", "", &[]),
    ("io::stdout()", "", &["cli/print.rs", "cli/errors.rs"]),
    ("io::stderr()", "", &["cli/print.rs", "cli/interrupt.rs", "cli/context.rs"]),
    ("to_string_lossy()", "cli/", &[]),
    (".display()", "cli/", &[]),
];

#[test]
fn one_place_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for file in sources(&root).into_iter().chain(sources(&root.join("cli"))) {
        let name = file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        let text = std::fs::read_to_string(&file).unwrap();
        let program = text.split("\nmod tests {").next().unwrap();
        for (number, line) in program.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            let raw = RAW.iter().filter(|(raw, within, but)| {
                line.contains(raw) && name.starts_with(within) && !but.contains(&name.as_str())
            });
            found.extend(raw.map(|(raw, ..)| format!("{name}:{}: {raw}", number + 1)));
        }
    }
    assert!(found.is_empty(), "cli/print.rs prints, and names are spelled by oasis::spell:\n{}", found.join("\n"));
}

#[test]
fn flags_are_found_in_literals_and_nowhere_else() {
    let source = concat!(
        "// \"--comment\" /* \n",
        "/* \"--block\" /* nested */ \" */ let c = '\"'; let t: &'static str = \"give --top-k \\\" or --out\";\n",
        "let raw = r#\"a \"--raw\" one\"#; let b = b\"--bytes\"; let x = '\\''; let y = \"---\"; let z = \"a -- b --1\";\n",
    );
    let found: Vec<_> = literals(source)
        .into_iter()
        .flat_map(|(line, text)| flags(&text).map(|flag| (line, flag.to_owned())).collect::<Vec<_>>())
        .collect();
    let expected = [(2, "--top-k"), (2, "--out"), (3, "--raw"), (3, "--bytes")];
    assert_eq!(found, expected.map(|(line, flag)| (line, flag.to_owned())));
}

#[test]
fn errors_name_the_flag_that_sets_what_is_wrong() {
    let scratch = Scratch::new();
    let refused = |arguments: &[std::ffi::OsString], error: &str, hint: &str| {
        let ran = oasis(arguments);
        let text = format!("error: {error}\nhint: {hint}\n");
        assert!(ran.refused().starts_with(&text), "{:?} does not begin with {text:?}", ran.stderr);
    };
    let large = scratch.grey("large.png", 300, 300);
    let name = large.display();
    refused(
        &arguments!["infer", large, "--out", scratch.at("out")],
        &format!("slice too large: {name}: it is 300x300, expected at most 256x256"),
        "set --resize to scale larger images down",
    );
    // One of several inputs: the same hint beside the results of the others.
    let ran = oasis(arguments!["infer", large, scratch.slice("brain.png"), "--out", scratch.at("out")]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("\nhint: set --resize to scale larger images down\n"), "{}", ran.stderr);
    refused(
        &arguments!["data", "phantom", "--subjects", "2", "--out", scratch.at("data")],
        "cannot make phantoms: --subjects: found 2, expected 3 to 100000",
        "each split needs at least one subject; set --subjects to 10",
    );
    let scores = scratch.file("scores.csv", b"file,case,slice,ssim,ssim_brain,psnr,codes,backend,bundle\n");
    let ran = oasis(arguments!["eval", "--merge", scores]);
    let error = format!("error: cannot merge scores: {}: there are no scores in any of the files\n", scores.display());
    assert!(ran.refused().starts_with(&error), "{}", ran.stderr);
    refused(
        &arguments!["parity", "--backends", "tract", large],
        "cannot compare engines: --backends: found 1, expected at least two engines",
        "set --backends to tract,ort",
    );
    refused(
        &arguments!["infer", scratch.slice("brain.png"), "--out", scratch.file("file", b"")],
        &format!("cannot make folder: {}: a file of that name is in the way", scratch.at("file").display()),
        "choose another folder for --out",
    );
}

/// Every file of the library below `folder`: all but those of the command line.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("src/cli") {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The words in `text` that begin with `--` and a letter.
fn flags(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("--").filter_map(move |(at, _)| {
        let name = &text[at + 2..];
        let before = text[..at].chars().next_back();
        let starts = name.starts_with(|letter: char| letter.is_ascii_alphabetic()) && before != Some('-');
        let end = name.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').unwrap_or(name.len());
        starts.then(|| &text[at..at + 2 + end])
    })
}

/// The string literals of Rust source, each with the number of its first line.
fn literals(source: &str) -> Vec<(usize, String)> {
    let bytes = source.as_bytes();
    let (mut at, mut found) = (0, Vec::new());
    while at < bytes.len() {
        let rest = &source[at..];
        let end = match bytes[at] {
            b'/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            b'/' if rest.starts_with("/*") => comment(rest),
            b'\'' => character(rest),
            b'r' if !word_before(bytes, at) && raw(rest).is_some() => {
                let (start, end, whole) = raw(rest).unwrap();
                found.push((line(source, at), rest[start..end].to_owned()));
                whole
            }
            b'"' => {
                let end = quoted(rest);
                found.push((line(source, at), rest[1..end - 1].to_owned()));
                end
            }
            _ => rest.chars().next().map_or(1, char::len_utf8),
        };
        at += end;
    }
    found
}

fn line(source: &str, at: usize) -> usize {
    source[..at].matches('\n').count() + 1
}

/// Whether the letter before `at` makes an identifier of what is there; the `b` of `br"..."` does not.
fn word_before(bytes: &[u8], at: usize) -> bool {
    let word = |index: usize| bytes[index].is_ascii_alphanumeric() || bytes[index] == b'_';
    at > 0 && word(at - 1) && !(bytes[at - 1] == b'b' && (at == 1 || !word(at - 2)))
}

/// The length of a block comment with those inside it.
fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        match rest {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of a character literal; 1 for the quote of a lifetime.
fn character(text: &str) -> usize {
    let mut letters = text.char_indices().skip(1);
    match letters.next() {
        Some((_, '\\')) => text[3..].find('\'').map_or(1, |end| 3 + end + 1),
        Some(_) => letters.next().filter(|(_, letter)| *letter == '\'').map_or(1, |(end, _)| end + 1),
        None => 1,
    }
}

/// The length of a string literal with its quotes.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Start and end of the content of a raw string literal, and its whole length.
fn raw(text: &str) -> Option<(usize, usize, usize)> {
    let hashes = text[1..].bytes().take_while(|byte| *byte == b'#').count();
    let start = 1 + hashes + 1;
    if text.as_bytes().get(start - 1) != Some(&b'"') {
        return None;
    }
    let close = format!("\"{}", "#".repeat(hashes));
    let end = start + text[start..].find(&close)?;
    Some((start, end, end + close.len()))
}
