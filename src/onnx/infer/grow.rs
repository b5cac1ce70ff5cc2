//! Operators that make more elements than they read.

use super::call::{Call, Made, Unclear, axes, count, multiply, shown, too_large};
use super::elementwise::stretched;
use super::num::Num;
use super::value::Data;

pub(super) fn expand(call: &Call<'_>) -> Result<Made, Unclear> {
    let target = call.list(1)?;
    if target.iter().any(|dim| !dim.is_length()) {
        return Err(format!("it expands to {}", shown(target)));
    }
    Ok(Made::shape(stretched(call.dims(0)?, target)?))
}

pub(super) fn tile(call: &Call<'_>) -> Result<Made, Unclear> {
    let (dims, repeats) = (call.dims(0)?, call.list(1)?);
    if dims.len() != repeats.len() || repeats.iter().any(|times| !times.is_length()) {
        return Err(format!("it repeats {} by {}", shown(dims), shown(repeats)));
    }
    let tiled = dims.iter().zip(repeats).map(|(dim, times)| dim.times(*times).ok_or_else(too_large));
    Ok(Made::shape(tiled.collect::<Result<Vec<_>, _>>()?))
}

pub(super) fn pad(call: &Call<'_>) -> Result<Made, Unclear> {
    let mut dims = call.dims(0)?.to_vec();
    let along = match call.numbers(3, "axes")? {
        Some(list) => axes(&list, dims.len())?,
        None => (0..dims.len()).collect(),
    };
    let pads = call.numbers(1, "pads")?.ok_or("it has no padding")?;
    if pads.len() != 2 * along.len() {
        return Err(format!("{} numbers of padding for {} axes", pads.len(), along.len()));
    }
    for (index, axis) in along.iter().enumerate() {
        for more in [pads[index], pads[index + along.len()]] {
            let padded = dims[*axis].plus(Num::fixed(more)).filter(|dim| dim.is_length());
            dims[*axis] = padded.ok_or_else(|| format!("padding of {more} at axis {axis} of {}", shown(&dims)))?;
        }
    }
    Ok(Made::shape(dims))
}

pub(super) fn resize(call: &Call<'_>) -> Result<Made, Unclear> {
    let dims = call.dims(0)?;
    if call.int("antialias", 0)? != 0 || call.text("keep_aspect_ratio_policy", "stretch")? != "stretch" {
        return Err("it smooths, or keeps a ratio of sides".to_owned());
    }
    let along = match call.ints("axes")? {
        Some(list) => axes(list, dims.len())?,
        None => (0..dims.len()).collect(),
    };
    let mut made = dims.to_vec();
    let fails = || format!("it resizes {} axes of {} by other numbers", along.len(), shown(dims));
    let empty = |index: usize| call.given(index).is_none_or(|value| value.dims == [Num::fixed(0)]);
    if empty(3) {
        let Data::Floats(scales) = &call.input(2)?.data else {
            return Err("input 2 is known only when it is run".to_owned());
        };
        if scales.len() != along.len() {
            return Err(fails());
        }
        for (axis, scale) in along.iter().zip(scales) {
            made[*axis] = scaled(dims[*axis], *scale).ok_or_else(fails)?;
        }
    } else {
        let sizes = call.list(3)?;
        if sizes.len() != along.len() || sizes.iter().any(|size| !size.is_length()) {
            return Err(fails());
        }
        along.iter().zip(sizes).for_each(|(axis, size)| made[*axis] = *size);
    }
    // A cubic kernel reads four elements a side.
    let reads: u64 = match call.text("mode", "nearest")? {
        "nearest" => 1,
        _ => 4_u64.saturating_pow(along.iter().filter(|axis| made[**axis] != dims[**axis]).count() as u32),
    };
    let work = multiply(count(&made)?, reads)?;
    Ok(Made { work, ..Made::shape(made) })
}

/// A length times a scale, rounded down.
fn scaled(dim: Num, scale: f64) -> Option<Num> {
    if scale == 1.0 {
        return Some(dim);
    }
    let length = (dim.known()? as f64 * scale).floor();
    // Above that, a float does not hold every integer.
    (0.0..=(1_u64 << 53) as f64).contains(&length).then_some(Num::fixed(length as i64))
}

/// A sample at every place of a grid.
pub(super) fn grid_sample(call: &Call<'_>) -> Result<Made, Unclear> {
    let (dims, grid) = (call.dims(0)?, call.dims(1)?);
    let (Some(spatial), Some((axes, places))) = (dims.get(2..), grid.split_last()) else {
        return Err(format!("a grid of {} on {}", shown(grid), shown(dims)));
    };
    if axes.known() != Some(spatial.len() as i64) || grid.len() != dims.len() || grid[0] != dims[0] {
        return Err(format!("a grid of {} on {}", shown(grid), shown(dims)));
    }
    let made = [&dims[..2], &places[1..]].concat();
    let work = multiply(count(&made)?, 4_u64.saturating_pow(spatial.len() as u32))?;
    Ok(Made { work, ..Made::shape(made) })
}
