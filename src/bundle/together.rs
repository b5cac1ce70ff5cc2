//! What the files of one bundle must agree on.

use std::collections::BTreeMap;
use std::fmt::Display;

use super::contract::{Sizes, broken};
use super::graph::{Graph, Role};
use super::keys;
use super::onnx::{Dim, Port};
use crate::{Error, ErrorKind, Result};

fn size(port: &Port, axis: usize) -> usize {
    match port.shape[axis] {
        Dim::Fixed(size) => size as usize,
        _ => 0,
    }
}

/// Checks that the files of a bundle belong together, and says what sizes they share.
///
/// `graphs` holds an encoder, a quantizer and a decoder at least. The codebook's size comes from the prior's logits or
/// else from the files' metadata or codebook; a bundle that tells it nowhere is refused.
pub(super) fn check_together(graphs: &BTreeMap<Role, Graph>) -> Result<Sizes> {
    let encoder = &graphs[&Role::Encoder];
    let latents = &encoder.model().outputs[0];
    let [dim, h, w] = [1, 2, 3].map(|axis| size(latents, axis));

    let differs = |graph: &Graph, what: &str, found: &dyn Display, expected: &dyn Display| {
        Error::new(
            ErrorKind::Model,
            "files of different models in one bundle",
            graph.name(),
            format!("found {what} {found}, but {} has {expected}", encoder.name()),
        )
        .hint("export all files of the bundle from one run with `oasis export`")
    };
    let quantizer = &graphs[&Role::Quantizer];
    let input = &quantizer.model().inputs[0];
    for (what, axis, expected) in [("latent size", 1, dim), ("grid rows", 2, h), ("grid columns", 3, w)] {
        if size(input, axis) != expected {
            return Err(differs(quantizer, what, &size(input, axis), &expected));
        }
    }
    let codes = [
        (quantizer, Some(&quantizer.model().outputs[0])),
        (&graphs[&Role::Decoder], graphs[&Role::Decoder].model().inputs.first()),
    ];
    let prior = graphs.get(&Role::Prior);
    let prior_codes = prior.map(|prior| (prior, prior.model().inputs.first()));
    for (graph, port) in codes.into_iter().chain(prior_codes) {
        let found = port.map(|port| [size(port, 1), size(port, 2)]).unwrap_or_default();
        if found != [h, w] {
            let show = |[h, w]: [usize; 2]| format!("{h}x{w}");
            return Err(differs(graph, "a grid of", &show(found), &show([h, w])));
        }
    }
    let mut codebook_size = None;
    if let Some(prior) = prior {
        let logits = &prior.model().outputs[0];
        codebook_size = Some((prior, size(logits, 1)));
        if [size(logits, 2), size(logits, 3)] != [h, w] {
            return Err(differs(prior, "logits of", logits, &format!("a grid of {h}x{w}")));
        }
    }
    check_steps(graphs, [h, w], codebook_size.map(|(_, size)| size))?;
    for (role, graph) in graphs {
        for key in [keys::RUN, keys::PREPROCESSING] {
            let found = required(graph, key)?;
            let expected = required(encoder, key)?;
            if found != expected {
                return Err(differs(graph, key, &format!("`{found}`"), &format!("`{expected}`")));
            }
        }
        let written = required(graph, keys::ROLE)?;
        if written != role.as_str() {
            return Err(broken(graph.name(), format!("role `{written}`"), format!("`{role}`")));
        }
        for (key, expected) in [(keys::LATENT_DIM, dim.to_string()), (keys::GRID, format!("{h}x{w}"))] {
            if let Some(found) = graph.model().metadata.get(key)
                && *found != expected
            {
                return Err(differs(graph, key, found, &expected));
            }
        }
        if let Some(found) = graph.model().metadata.get(keys::CODEBOOK_SIZE) {
            let found: usize = found
                .parse()
                .ok()
                .filter(|size| *size > 0)
                .ok_or_else(|| broken(graph.name(), format!("{} `{found}`", keys::CODEBOOK_SIZE), "a size"))?;
            match codebook_size {
                Some((other, size)) if size != found => {
                    return Err(Error::new(
                        ErrorKind::Model,
                        "files of different models in one bundle",
                        graph.name(),
                        format!("found a codebook of {found}, but {} has {size}", other.name()),
                    )
                    .hint("export all files of the bundle from one run with `oasis export`"));
                }
                _ => codebook_size = codebook_size.or(Some((graph, found))),
            }
        }
    }
    let (_, codebook_size) = codebook_size.ok_or_else(|| {
        let expected = format!("the codebook's size in metadata `{}`", keys::CODEBOOK_SIZE);
        broken(quantizer.name(), "none", expected)
    })?;
    Ok(Sizes { grid: [h, w], codebook_size, latent_dim: dim })
}

/// Checks that the steps of a prior are both there or neither, fit the grid and each other, and have its weights.
fn check_steps(graphs: &BTreeMap<Role, Graph>, [_, w]: [usize; 2], codebook_size: Option<usize>) -> Result<()> {
    let (row, code) = match (graphs.get(&Role::prior_row()), graphs.get(&Role::prior_code())) {
        (None, None) => return Ok(()),
        (Some(row), Some(code)) => (row, code),
        (Some(one), None) | (None, Some(one)) => {
            return Err(broken(one.name(), "one of the prior's two steps", "prior_step_row and prior_step_code"));
        }
    };
    let prior =
        graphs.get(&Role::Prior).ok_or_else(|| broken(row.name(), "no prior in the bundle", "that it steps"))?;
    let digest = prior.sha256();
    for step in [row, code] {
        let found = required(step, keys::PRIOR)?;
        if !found.eq_ignore_ascii_case(&digest) {
            let expected = format!("{digest}, of {}", prior.name());
            return Err(broken(step.name(), format!("the weights of the prior with sha256 {found}"), expected));
        }
    }
    let (above, contexts) = (&row.model().inputs[3], &row.model().outputs[0]);
    let (left, context, logits) = (&code.model().inputs[3], &code.model().inputs[2], &code.model().outputs[0]);
    let agree = [
        ("columns of codes", size(&row.model().inputs[0], 1), w),
        ("columns of the state", size(above, 4), w),
        ("columns of contexts", size(contexts, 1), w),
        ("layers", size(left, 1), size(above, 1)),
        ("reach", size(left, 2), size(above, 2)),
        ("channels", size(left, 3), size(above, 3)),
        ("context", size(context, 1), size(contexts, 2)),
        ("logits", size(logits, 1), codebook_size.unwrap_or_default()),
    ];
    match agree.into_iter().find(|(_, found, expected)| found != expected) {
        None => Ok(()),
        Some((what, found, expected)) => Err(broken(code.name(), format!("{what} {found}"), expected)),
    }
}

fn required<'a>(graph: &'a Graph, key: &str) -> Result<&'a str> {
    match graph.model().metadata.get(key) {
        Some(value) if !value.is_empty() => Ok(value),
        _ => Err(broken(graph.name(), format!("no metadata `{key}`"), "it in every file")),
    }
}
