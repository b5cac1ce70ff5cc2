//! Sequences of any length: cutting, joining, padding, masks, windows.

use burn::tensor::ops::PadMode;
use burn::tensor::{Bool, Int, Tensor, s};

use super::{SEQUENCE, TIME, TWO};
use crate::common::{floats, ints};
use crate::lengths;

lengths! {
    first_half: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let t = x.dims()[1]; x.slice(s![.., 0..t / 2, ..]) };
    second_half: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let t = x.dims()[1]; x.slice(s![.., t / 2.., ..]) };
    middle_third: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let t = x.dims()[1]; x.slice(s![.., t / 3..2 * t / 3, ..]) };
    chunk_in_two: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let parts = x.chunk(2, 1); (parts[0].clone() * 2.0, parts[1].clone()) };
    every_second: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| x.slice(s![.., ..;2, ..]);
    odd_positions: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| x.slice(s![.., 1..;2, ..]);
    last_step: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let t = x.dims()[1]; x.slice(s![.., t - 1..t, ..]).squeeze_dim::<2>(1) };
    at_most_eight: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let t = x.dims()[1].min(8); x.slice(s![.., 0..t, ..]) };
    last_eight: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let t = x.dims()[1]; x.slice(s![.., t.saturating_sub(8).., ..]) };
    shift_right: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let [b, t, c] = x.dims(); Tensor::cat(vec![Tensor::zeros([b, 1, c], &x.device()), x.slice(s![.., 0..t - 1, ..])], 1) };
    roll_by_half: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let t = x.dims()[1]; Tensor::cat(vec![x.clone().slice(s![.., t / 2.., ..]), x.slice(s![.., 0..t / 2, ..])], 1) };
    pad_to_eight: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let [b, t, c] = x.dims(); let more = t.div_ceil(8) * 8 - t; Tensor::cat(vec![x.clone(), Tensor::zeros([b, more, c], &x.device())], 1) };
    pad_op_to_eight: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let t = x.dims()[1]; let more = (8 - t % 8) % 8; x.pad((0, 0, 0, more), 0.0) };
    pad_reflect_by_length: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let t = x.dims()[1]; x.pad((0, 0, t / 4, t / 4), PadMode::Reflect) };
    windows_of_four: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let [b, t, c] = x.dims(); let n = t / 4; x.slice(s![.., 0..n * 4, ..]).reshape([b, n, 4, c]).mean_dim(2).squeeze_dim::<3>(2) };
    padded_windows: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let [b, t, c] = x.dims(); let n = t.div_ceil(5); let x = x.pad((0, 0, 0, n * 5 - t), 0.0); x.reshape([b * n, 5, c]).sum_dim(1).reshape([b, n, c]).repeat_dim(1, 5).slice(s![.., 0..t, ..]) };
    flatten_batch_and_time: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let [b, t, c] = x.dims(); x.reshape([b * t, c]).sum_dim(1).reshape([b, t, 1]) };
    split_heads: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let [b, t, c] = x.dims(); x.reshape([b, t, 2, c / 2]).swap_dims(1, 2).reshape([b * 2, t, c / 2]) };
    position_table: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let t = x.dims()[1]; let table = floats::<2>([256, 4]).to_device(&x.device()); x + table.slice(s![0..t, ..]).unsqueeze::<3>() };
    positions_added: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let t = x.dims()[1] as i64; let p = Tensor::<1, Int>::arange(0..t, &x.device()).float(); x + p.reshape([1, -1, 1]) };
    positions_backwards: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let t = x.dims()[1] as i64; let p = Tensor::<1, Int>::arange(-t + 1..1, &x.device()).float(); x + p.reshape([1, -1, 1]) };
    relative_positions: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let t = x.dims()[1] as i64; let p = Tensor::<1, Int>::arange(-t + 1..t, &x.device()); p.float() * 0.5 };
    every_second_position: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let t = x.dims()[1] as i64; Tensor::<1, Int>::arange_step(0..t, 2, &x.device()) };
    causal_mask: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let [b, t, _] = x.dims(); let scores = x.clone().matmul(x.clone().swap_dims(1, 2)); let mask = Tensor::<2, Bool>::tril_mask([t, t], 0, &x.device()); scores.mask_fill(mask.unsqueeze::<3>().expand([b, t, t]), -1e4) };
    scaled_attention: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let t = x.dims()[1]; burn::tensor::activation::softmax(x.clone().matmul(x.clone().swap_dims(1, 2)) / (t as f32).sqrt(), 2).matmul(x) };
    repeat_by_length: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let t = x.dims()[1]; x.mean_dim(1).repeat_dim(1, t) };
    repeat_interleave: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let [b, t, c] = x.dims(); x.unsqueeze_dim::<4>(2).repeat_dim(2, 3).reshape([b, t * 3, c]) };
    expand_by_length: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let [b, t, c] = x.dims(); x.sum_dim(1).expand([b, t, c]) };
    pairs_of_steps: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let [b, t, c] = x.dims(); let a = x.clone().unsqueeze_dim::<4>(2).expand([b, t, t, c]); let z = x.unsqueeze_dim::<4>(1).expand([b, t, t, c]); (a * z).reshape([b, t * t, c]) };
    differences: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let t = x.dims()[1]; x.clone().slice(s![.., 1.., ..]) - x.slice(s![.., 0..t - 1, ..]) };
    write_last: SEQUENCE, floats([2, 12, 4]) => |x: Tensor<3>| { let [b, t, c] = x.dims(); let v = Tensor::ones([b, 1, c], &x.device()); x.slice_assign(s![.., t - 1..t, ..], v) };
    gather_reversed: TIME, floats([6, 3]) => |x: Tensor<2>| { let t = x.dims()[0] as i64; let at = Tensor::<1, Int>::arange(0..t, &x.device()).neg() + (t - 1); x.select(0, at) };
    tail_of_time: TIME, floats([6, 3]) => |x: Tensor<2>| { let t = x.dims()[0]; x.slice(s![t / 2.., ..]) };
    past_and_now: TWO, (floats([2, 6, 4]), floats([2, 3, 4])) => |(past, now): (Tensor<3>, Tensor<3>)| { let all = Tensor::cat(vec![past, now.clone()], 1); now.matmul(all.clone().swap_dims(1, 2)).matmul(all) };
    positions_after_past: TWO, (floats([2, 6, 4]), floats([2, 3, 4])) => |(past, now): (Tensor<3>, Tensor<3>)| { let (p, t) = (past.dims()[1] as i64, now.dims()[1] as i64); now + Tensor::<1, Int>::arange(p..p + t, &past.device()).float().reshape([1, -1, 1]) };
    cross_mask: TWO, (floats([2, 6, 4]), floats([2, 3, 4])) => |(past, now): (Tensor<3>, Tensor<3>)| { let (p, t) = (past.dims()[1], now.dims()[1]); let mask = Tensor::<2, Bool>::tril_mask([t, p + t], p as i64, &past.device()); mask.int() };
    keep_last_of_both: TWO, (floats([2, 6, 4]), floats([2, 3, 4])) => |(past, now): (Tensor<3>, Tensor<3>)| { let p = past.dims()[1]; let all = Tensor::cat(vec![past, now], 1); let n = all.dims()[1]; all.slice(s![.., n - p.., ..]) };
    one_hot_positions: SEQUENCE, ints([2, 12], 5) => |x: Tensor<2, Int>| { let [b, t] = x.dims(); let at = Tensor::<1, Int>::arange(0..5, &x.device()).reshape([1, 1, 5]).expand([b, t, 5]); x.unsqueeze_dim::<3>(2).expand([b, t, 5]).equal(at).float() };
}
