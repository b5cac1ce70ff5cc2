//! What the files of one bundle must agree on.

use std::collections::BTreeMap;
use std::fmt::Display;

use super::broken::broken;
use super::contract::Sizes;
use super::keys;
use super::limits;
use super::role::Role;
use crate::onnx::{ModelFile, Port};
use crate::{Error, ErrorKind, Result};

/// The sizes of a port's dimensions, 0 for those that are not fixed.
fn sizes(port: Option<&Port>) -> Vec<usize> {
    port.map_or(&[][..], Port::dims).iter().map(|dim| dim.fixed().unwrap_or_default()).collect()
}

/// The sizes of the input of that name.
fn input(file: &ModelFile, name: &str) -> Vec<usize> {
    sizes(file.model().graph.input(name))
}

/// The sizes of the output of that name.
fn output(file: &ModelFile, name: &str) -> Vec<usize> {
    sizes(file.model().graph.output(name))
}

/// Checks that the files of a bundle belong together, and says what sizes they share.
///
/// `files` holds an encoder, a quantizer and a decoder at least. The codebook's size comes from the prior's logits or
/// else from the files' metadata; a bundle that has it nowhere is refused.
pub(super) fn check_together(files: &BTreeMap<Role, ModelFile>) -> Result<Sizes> {
    let encoder = &files[&Role::Encoder];
    let latents = output(encoder, "latents");
    let [dim, h, w] = [latents[1], latents[2], latents[3]];

    let differs = |file: &ModelFile, what: &str, found: &dyn Display, expected: &dyn Display| {
        Error::new(
            ErrorKind::Model,
            "files of different models in one bundle",
            file.name(),
            format!("found {what} {found}, but {} has {expected}", encoder.name()),
        )
        .hint("export all files of the bundle from one run with `oasis export`")
    };
    let quantizer = &files[&Role::Quantizer];
    let read = input(quantizer, "latents");
    for (what, axis, expected) in [("latent size", 1, dim), ("grid rows", 2, h), ("grid columns", 3, w)] {
        if read[axis] != expected {
            return Err(differs(quantizer, what, &read[axis], &expected));
        }
    }
    let (decoder, prior) = (&files[&Role::Decoder], files.get(&Role::Prior));
    let reads_codes = [Some(decoder), prior].into_iter().flatten().map(|file| (file, input(file, "codes")));
    for (file, codes) in [(quantizer, output(quantizer, "codes"))].into_iter().chain(reads_codes) {
        if codes[1..] != [h, w] {
            return Err(differs(file, "a grid of", &format!("{}x{}", codes[1], codes[2]), &format!("{h}x{w}")));
        }
    }
    let mut codebook_size = None;
    if let Some(prior) = prior {
        let logits = output(prior, "logits");
        codebook_size = Some((prior, logits[1]));
        if logits[2..] != [h, w] {
            return Err(differs(prior, "logits of", &format!("{logits:?}"), &format!("a grid of {h}x{w}")));
        }
    }
    check_steps(files, [h, w], codebook_size.map(|(_, size)| size))?;
    for (role, file) in files {
        for key in [keys::RUN, keys::PREPROCESSING] {
            let found = required(file, key)?;
            let expected = required(encoder, key)?;
            if found != expected {
                return Err(differs(file, key, &format!("`{found}`"), &format!("`{expected}`")));
            }
        }
        let written = required(file, keys::ROLE)?;
        if written != role.as_str() {
            return Err(broken(file.name(), format!("role `{written}`"), format!("`{role}`")));
        }
        for (key, expected) in [(keys::LATENT_DIM, dim.to_string()), (keys::GRID, format!("{h}x{w}"))] {
            if let Some(found) = file.model().property(key)
                && found != expected
            {
                return Err(differs(file, key, &found, &expected));
            }
        }
        if let Some(found) = file.model().property(keys::CODEBOOK_SIZE) {
            let found: usize =
                found.parse().ok().filter(|size| (1..=limits::CODEBOOK).contains(size)).ok_or_else(|| {
                    let expected = format!("a size of 1 to {}", limits::CODEBOOK);
                    broken(file.name(), format!("{} `{found:.64}`", keys::CODEBOOK_SIZE), expected)
                })?;
            match codebook_size {
                Some((other, size)) if size != found => {
                    return Err(Error::new(
                        ErrorKind::Model,
                        "files of different models in one bundle",
                        file.name(),
                        format!("found a codebook of {found}, but {} has {size}", other.name()),
                    )
                    .hint("export all files of the bundle from one run with `oasis export`"));
                }
                _ => codebook_size = codebook_size.or(Some((file, found))),
            }
        }
    }
    let (_, codebook_size) = codebook_size.ok_or_else(|| {
        let expected = format!("it in metadata `{}` of a file", keys::CODEBOOK_SIZE);
        broken(quantizer.name(), "no codebook size", expected)
    })?;
    Ok(Sizes { grid: [h, w], codebook_size, latent_dim: dim })
}

/// Checks that the steps of a prior are both there or neither, fit the grid and each other, and have its weights.
fn check_steps(files: &BTreeMap<Role, ModelFile>, [_, w]: [usize; 2], codebook_size: Option<usize>) -> Result<()> {
    let (row, code) = match (files.get(&Role::PriorStepRow), files.get(&Role::PriorStepCode)) {
        (None, None) => return Ok(()),
        (Some(row), Some(code)) => (row, code),
        (Some(one), None) | (None, Some(one)) => {
            return Err(broken(one.name(), "one of the prior's two steps", "prior_step_row and prior_step_code"));
        }
    };
    let prior = files
        .get(&Role::Prior)
        .ok_or_else(|| broken(row.name(), "steps of a prior in a bundle without one", "the prior beside its steps"))?;
    let digest = prior.sha256().unwrap_or_default();
    for step in [row, code] {
        let found = required(step, keys::PRIOR)?;
        if !found.eq_ignore_ascii_case(digest) {
            let expected = format!("{digest}, which {} has", prior.name());
            return Err(broken(step.name(), format!("a step of the prior with sha256 {found}"), expected));
        }
    }
    let (above, contexts, codes) = (input(row, "above"), output(row, "contexts"), input(row, "codes"));
    let (left, context, logits) = (input(code, "left"), input(code, "context"), output(code, "logits"));
    let agree = [
        ("columns of codes", codes[1], w),
        ("columns of the state", above[4], w),
        ("columns of contexts", contexts[1], w),
        ("layers", left[1], above[1]),
        ("reach", left[2], above[2]),
        ("channels", left[3], above[3]),
        ("context", context[1], contexts[2]),
        ("logits", logits[1], codebook_size.unwrap_or_default()),
    ];
    match agree.into_iter().find(|(_, found, expected)| found != expected) {
        None => Ok(()),
        Some((what, found, expected)) => Err(broken(code.name(), format!("{what} {found}"), expected)),
    }
}

fn required<'a>(file: &'a ModelFile, key: &str) -> Result<&'a str> {
    match file.model().property(key) {
        Some(value) if !value.is_empty() => Ok(value),
        _ => Err(broken(file.name(), format!("no metadata `{key}`"), "it in every file")),
    }
}
