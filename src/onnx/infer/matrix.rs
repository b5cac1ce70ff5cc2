//! Products of matrices, and recurrent layers.

use super::call::{Call, Made, Unclear, count, multiply, shown, too_large};
use super::elementwise::stretched;
use super::num::Num;
use super::value::Value;

pub(super) fn mat_mul(call: &Call<'_>) -> Result<Made, Unclear> {
    let (a, b) = (call.dims(0)?, call.dims(1)?);
    let fails = || format!("shapes {} and {} do not fit each other", shown(a), shown(b));
    // A vector is a matrix of one row on the left, and of one column on the right.
    let (left, right) = (if a.len() == 1 { [&[Num::ONE], a].concat() } else { a.to_vec() }, b.to_vec());
    let right = if b.len() == 1 { [b, &[Num::ONE]].concat() } else { right };
    let ([before @ .., rows, shared], [ahead @ .., other, columns]) = (&left[..], &right[..]) else {
        return Err(fails());
    };
    if shared != other {
        return Err(fails());
    }
    let mut made = stretched(before, ahead)?;
    made.extend([*rows, *columns]);
    let work = multiply(count(&made)?, length(*shared)?)?;
    if b.len() == 1 {
        made.pop();
    }
    if a.len() == 1 {
        made.remove(made.len() - if b.len() == 1 { 1 } else { 2 });
    }
    Ok(Made { work, ..Made::shape(made) })
}

fn length(number: Num) -> Result<u64, Unclear> {
    u64::try_from(number.of_one()).map_err(|_| too_large())
}

pub(super) fn gemm(call: &Call<'_>) -> Result<Made, Unclear> {
    let (a, b) = (call.dims(0)?, call.dims(1)?);
    let fails = || format!("shapes {} and {} do not fit each other", shown(a), shown(b));
    let matrix = |dims: &[Num], turned: i64| match dims {
        [rows, columns] => Ok(if turned == 0 { [*rows, *columns] } else { [*columns, *rows] }),
        _ => Err(fails()),
    };
    let [rows, shared] = matrix(a, call.int("transA", 0)?)?;
    let [other, columns] = matrix(b, call.int("transB", 0)?)?;
    let made = [rows, columns];
    let fits = match call.given(2) {
        None => true,
        Some(more) => stretched(&made, &more.dims)? == made,
    };
    if shared != other || !fits {
        return Err(fails());
    }
    Ok(Made { work: multiply(count(&made)?, length(shared)?)?, ..Made::shape(made) })
}

/// A recurrent layer: all states, the last one, and for an LSTM the last cell.
pub(super) fn recurrent(call: &Call<'_>) -> Result<Made, Unclear> {
    let (x, inward, back) = (call.dims(0)?, call.dims(1)?, call.dims(2)?);
    let ([steps, batch, features], [directions, gates, from], [also, other, hidden]) = (x, inward, back) else {
        return Err(format!("shapes {}, {} and {}", shown(x), shown(inward), shown(back)));
    };
    if (directions, gates, from) != (also, other, features) || call.int("layout", 0)? != 0 {
        return Err(format!("shapes {}, {} and {} do not fit each other", shown(x), shown(inward), shown(back)));
    }
    let all = Value::new([*steps, *directions, *batch, *hidden]);
    let last = Value::new([*directions, *batch, *hidden]);
    let a_gate = hidden.plus(*features).ok_or_else(too_large)?;
    let work = multiply(count(&[*steps, *batch, *directions, *gates])?, length(a_gate)?)?;
    let scratch = count(&[*steps, *batch, *directions, *gates])?;
    Ok(Made { outputs: vec![all, last.clone(), last], work, scratch })
}
