//! Shape, indexing, joining and making of tensors.

use burn::tensor::{Bool, IndexingUpdateOp, Int, Tensor, s};

use crate::common::{floats, ints};
use crate::functions;

functions! {
    reshape_keeps_batch: floats([2, 3, 4]), -1.0..1.0, true => |x: Tensor<3>| { let [b, c, w] = x.dims(); x.reshape([b, c * w]) };
    reshape_joins_batch: floats([2, 3, 4]), -1.0..1.0, true => |x: Tensor<3>| { let [b, c, w] = x.dims(); x.reshape([b * c, w]) };
    reshape_moves_batch: floats([2, 3, 4]), -1.0..1.0, true => |x: Tensor<3>| { let [b, c, w] = x.dims(); x.reshape([c, b, w]) };
    reshape_fixed: floats([2, 3, 4]), -1.0..1.0, false => |x: Tensor<3>| x.reshape([4, 6]);
    permute: floats([2, 3, 4]), -1.0..1.0, true => |x: Tensor<3>| x.permute([2, 0, 1]);
    swap_dims: floats([2, 3, 4]), -1.0..1.0, true => |x: Tensor<3>| x.swap_dims(1, 2);
    transpose_twice: floats([2, 3, 4]), -1.0..1.0, true => |x: Tensor<3>| x.permute([2, 0, 1]).permute([1, 2, 0]);
    flip: floats([2, 3, 4]), -1.0..1.0, true => |x: Tensor<3>| x.flip([1, 2]);
    flip_batch: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| x.flip([0]);
    expand: floats([2, 1, 4]), -1.0..1.0, true => |x: Tensor<3>| { let b = x.dims()[0]; x.expand([b, 3, 4]) };
    expand_rank: floats([2, 4]), -1.0..1.0, true => |x: Tensor<2>| { let b = x.dims()[0]; x.expand([3, b, 4]) };
    expand_to_batch: (floats([2, 3]), floats([2, 3])), -1.0..1.0, true => |(x, y): (Tensor<2>, Tensor<2>)| { let b = x.dims()[0]; x + y.mean_dim(0).expand([b, 3]) };
    repeat: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| x.repeat_dim(1, 3);
    repeat_to_batch: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| { let b = x.dims()[0]; x.mean_dim(0).repeat_dim(0, b) };
    cat: (floats([2, 3]), floats([2, 3])), -1.0..1.0, true => |(a, b): (Tensor<2>, Tensor<2>)| Tensor::cat(vec![a.clone(), b, a], 1);
    cat_batch: (floats([2, 3]), floats([2, 3])), -1.0..1.0, true => |(a, b): (Tensor<2>, Tensor<2>)| Tensor::cat(vec![a, b], 0);
    stack: (floats([2, 3]), floats([2, 3])), -1.0..1.0, true => |(a, b): (Tensor<2>, Tensor<2>)| Tensor::stack::<3>(vec![a, b], 1);
    slice: floats([2, 5, 6]), -1.0..1.0, true => |x: Tensor<3>| x.slice(s![.., 1..4, 2..]);
    slice_steps: floats([2, 7, 6]), -1.0..1.0, true => |x: Tensor<3>| x.slice(s![.., 1..7;2, ..;3]);
    slice_backwards: floats([2, 7, 6]), -1.0..1.0, true => |x: Tensor<3>| x.slice(s![.., 1..6;-2, ..;-1]);
    slice_negative: floats([2, 7]), -1.0..1.0, true => |x: Tensor<2>| x.slice(s![.., -3..-1]);
    slice_batch_tail: floats([4, 3]), -1.0..1.0, true => |x: Tensor<2>| x.slice(s![1.., ..]);
    narrow: floats([2, 7]), -1.0..1.0, true => |x: Tensor<2>| x.narrow(1, 2, 3);
    chunk: floats([2, 8]), -1.0..1.0, true => |x: Tensor<2>| { let parts = x.chunk(2, 1); parts[0].clone() * parts[1].clone() };
    slice_assign_one: (floats([2, 5]), floats([2, 2])), -1.0..1.0, true => |(x, v): (Tensor<2>, Tensor<2>)| x.slice_assign(s![.., 1..3], v);
    slice_assign_edge: (floats([2, 5]), floats([2, 2])), -1.0..1.0, true => |(x, v): (Tensor<2>, Tensor<2>)| x.slice_assign(s![.., 3..5], v);
    slice_assign_two: (floats([2, 5, 4]), floats([2, 2, 3])), -1.0..1.0, true => |(x, v): (Tensor<3>, Tensor<3>)| x.slice_assign(s![.., 1..3, 1..4], v);
    slice_assign_steps: (floats([2, 6]), floats([2, 3])), -1.0..1.0, true => |(x, v): (Tensor<2>, Tensor<2>)| x.slice_assign(s![.., 0..6;2], v);
    slice_fill: floats([2, 6]), -1.0..1.0, true => |x: Tensor<2>| x.slice_fill(s![.., 1..3], 0.5);
    gather: (floats([2, 5]), ints([2, 3], 5)), -1.0..1.0, true => |(x, i): (Tensor<2>, Tensor<2, Int>)| x.gather(1, i);
    select: (floats([2, 5]), ints([4], 5)), -1.0..1.0, false => |(x, i): (Tensor<2>, Tensor<1, Int>)| x.select(1, i);
    select_by_constant: floats([2, 5]), -1.0..1.0, true => |x: Tensor<2>| { let i = Tensor::<1, Int>::from_ints([3, 0, 4], &x.device()); x.select(1, i) };
    select_assign: (floats([2, 5]), floats([2, 3])), -1.0..1.0, true => |(x, v): (Tensor<2>, Tensor<2>)| { let i = Tensor::<1, Int>::from_ints([3, 0, 4], &x.device()); x.select_assign(1, i, v, IndexingUpdateOp::Add) };
    scatter_add: (floats([2, 5]), floats([2, 3])), -1.0..1.0, false => |(x, v): (Tensor<2>, Tensor<2>)| { let i = Tensor::<2, Int>::from_ints([[3, 0, 4], [1, 2, 0]], &x.device()); x.scatter(1, i, v, IndexingUpdateOp::Add) };
    one_hot_by_scatter: ints([6, 1], 4), 0.0..1.0, true => |i: Tensor<2, Int>| { let b = i.dims()[0]; let d = i.device(); Tensor::<2>::zeros([b, 4], &d).scatter(1, i, Tensor::ones([b, 1], &d), IndexingUpdateOp::Add) };
    one_hot_by_equality: ints([6, 1], 4), 0.0..1.0, true => |i: Tensor<2, Int>| { let b = i.dims()[0]; i.clone().expand([b, 4]).equal(Tensor::<1, Int>::arange(0..4, &i.device()).unsqueeze::<2>().expand([b, 4])).float() };
    mask_where: (floats([2, 5]), floats([2, 5])), -1.0..1.0, true => |(x, y): (Tensor<2>, Tensor<2>)| { let m = x.clone().greater(y.clone()); x.mask_where(m, y) };
    mask_fill: floats([2, 5]), -1.0..1.0, true => |x: Tensor<2>| { let m = x.clone().lower_elem(0.0); x.mask_fill(m, 3.0) };
    tril_mask: floats([2, 4, 4]), -1.0..1.0, true => |x: Tensor<3>| { let m = Tensor::<2, Bool>::tril_mask([4, 4], 0, &x.device()); let [b, n, _] = x.dims(); x.mask_fill(m.unsqueeze::<3>().expand([b, n, n]), -1.0) };
    zeros_ones_full: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| { let d = x.device(); let [b, n] = x.dims(); x + Tensor::zeros([b, n], &d) + Tensor::ones([b, n], &d) * 2.0 + Tensor::full([1, n], 0.25, &d) };
    arange_fixed: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| { let i = Tensor::<1, Int>::arange(0..3, &x.device()).float(); x * i.unsqueeze::<2>() };
    arange_batch: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| { let b = x.dims()[0] as i64; let i = Tensor::<1, Int>::arange(0..b, &x.device()).float(); x * i.unsqueeze_dim::<2>(1) };
    unfold_windows: floats([2, 7]), -1.0..1.0, true => |x: Tensor<2>| x.unfold::<3, _>(1, 3, 2);
    pixel_shuffle: floats([2, 8, 3, 3]), -1.0..1.0, true => |x: Tensor<4>| { let [b, c, h, w] = x.dims(); x.reshape([b, c / 4, 2, 2, h, w]).permute([0, 1, 4, 2, 5, 3]).reshape([b, c / 4, 2 * h, 2 * w]) };
    pad_zero: floats([2, 3, 4]), -1.0..1.0, true => |x: Tensor<3>| x.pad([(1, 2), (0, 3)], 0.0);
    bool_logic: (floats([2, 5]), floats([2, 5])), -1.0..1.0, true => |(x, y): (Tensor<2>, Tensor<2>)| { let a = x.greater_elem(0.0); let b = y.lower_elem(0.5); (a.clone().bool_and(b.clone()), a.clone().bool_or(b.clone()), a.bool_xor(b.bool_not()).int()) };
    bool_input: ints([2, 5], 2).equal_elem(1), -1.0..1.0, true => |m: Tensor<2, Bool>| (m.clone().float(), m.bool_not());
    any_all: floats([2, 5]), -1.0..1.0, true => |x: Tensor<2>| { let m = x.greater_elem(0.2); (m.clone().any(), m.clone().all(), m.clone().any_dim(1), m.all_dim(1)) };
    casts: (floats([2, 5]), ints([2, 5], 9)), -3.0..3.0, true => |(x, i): (Tensor<2>, Tensor<2, Int>)| (x.int(), i.float());
    equal: (ints([2, 5], 3), ints([2, 5], 2)), -1.0..1.0, true => |(a, b): (Tensor<2, Int>, Tensor<2, Int>)| (a.clone().equal(b.clone()), a.clone().not_equal(b), a.not_equal_elem(1));
}
