//! What float, int and bool tensors share: shapes, ranges, indices, masks, making.

use burn::tensor::{Bool, FloatDType, IndexingUpdateOp, Int, IntDType, Tensor, s};
use oasis::export::Exporter;

use crate::common::{Nothing, floats, ints, verify};
use crate::functions;

functions! {
    base_reshape_kinds: (floats([2, 6]), ints([2, 6], 9)), -1.0..1.0, true => |(x, i): (Tensor<2>, Tensor<2, Int>)| { let b = x.dims()[0]; (i.reshape([b, 2, 3]), x.greater_elem(0.0).reshape([b, 3, 2])) };
    base_reshape_ranks: floats([2, 3, 2, 2, 2]), -1.0..1.0, true => |x: Tensor<5>| { let b = x.dims()[0]; (x.clone().flatten::<1>(0, 4), x.reshape([1, b, 24])) };
    base_squeeze_unsqueeze: floats([2, 1, 3]), -1.0..1.0, true => |x: Tensor<3>| (x.clone().squeeze_dim::<2>(1), x.unsqueeze_dims::<5>(&[0, -1]));
    base_reshape_of_nothing: floats([2, 3, 4]), -1.0..1.0, false => |x: Tensor<3>| x.slice(s![.., 0..0, ..]).reshape([4, 0, 3]).sum_dim(1);
    base_swap_dims_kinds: ints([2, 3, 4], 9), -1.0..1.0, true => |i: Tensor<3, Int>| (i.clone().swap_dims(0, 2), i.greater_elem(4).swap_dims(1, 2));
    base_permute_kinds: ints([2, 3, 4], 9), -1.0..1.0, true => |i: Tensor<3, Int>| (i.clone().permute([2, 0, 1]), i.greater_elem(4).permute([1, 2, 0]));
    base_permute_rank_5: floats([2, 3, 1, 2, 4]), -1.0..1.0, true => |x: Tensor<5>| x.permute([4, 2, 0, 3, 1]);
    base_flip_kinds: ints([2, 3, 4], 9), -1.0..1.0, true => |i: Tensor<3, Int>| (i.clone().flip([0, 2]), i.greater_elem(4).flip([1]));
    base_expand_kinds: ints([2, 1, 3], 9), -1.0..1.0, true => |i: Tensor<3, Int>| { let b = i.dims()[0]; (i.clone().expand([b, 4, 3]), i.greater_elem(4).expand([2, b, 5, 3])) };
    base_expand_scalar: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| { let b = x.dims()[0]; x.sum().expand([b, 2]) };
    base_roll: floats([2, 5]), -1.0..1.0, true => |x: Tensor<2>| x.roll_dim(2, 1);
    base_unfold_kinds: ints([2, 7], 9), -1.0..1.0, true => |i: Tensor<2, Int>| (i.clone().unfold::<3, _>(1, 2, 3), i.greater_elem(4).unfold::<3, _>(1, 3, 1));
    base_unfold_middle: floats([2, 6, 3]), -1.0..1.0, true => |x: Tensor<3>| x.unfold::<4, _>(1, 4, 2);
    base_slice_kinds: ints([2, 5, 6], 9), -1.0..1.0, true => |i: Tensor<3, Int>| (i.clone().slice(s![.., 1..4, ..;-2]), i.greater_elem(4).slice(s![.., -3.., 2..5]));
    base_slice_backwards_from_zero: floats([2, 7]), -1.0..1.0, true => |x: Tensor<2>| (x.clone().slice(s![.., 0..5;-2]), x.clone().slice(s![.., 0..1;-1]), x.slice(s![.., -6..-1;-3]));
    base_slice_rank_1: floats([9]), -1.0..1.0, false => |x: Tensor<1>| (x.clone().slice(s![2..8;3]), x.clone().slice(s![1..9;-3]), x.slice(s![-1..]));
    base_slice_batch_but_last: floats([6, 3]), -1.0..1.0, true => |x: Tensor<2>| { let b = x.dims()[0]; (x.clone().slice(s![0..b - 1, ..]), x.slice(s![b - 1..b, ..])) };
    base_slice_batch_negative: floats([6, 3]), -1.0..1.0, true => |x: Tensor<2>| (x.clone().slice(s![-1.., ..]), x.clone().slice(s![..-1, 1..]), x.slice(s![-2..;-1, ..]));
    base_slice_batch_steps: floats([6, 3]), -1.0..1.0, true => |x: Tensor<2>| (x.clone().slice(s![..;2, ..]), x.clone().slice(s![..;-2, ..]), x.slice(s![1..;-1, ..;2]));
    base_slice_twice_the_batch: (floats([2, 3]), floats([2, 3])), -1.0..1.0, true => |(x, y): (Tensor<2>, Tensor<2>)| { let b = x.dims()[0]; let z = Tensor::cat(vec![x, y], 0); (z.clone().slice(s![0..b, ..]), z.clone().slice(s![b.., ..]), z.slice(s![b..2 * b;-1, 1..])) };
    base_slice_nothing: floats([2, 5]), -1.0..1.0, true => |x: Tensor<2>| Tensor::cat(vec![x.clone().slice(s![.., 2..2]), x], 1);
    base_narrow_split: ints([2, 7], 9), -1.0..1.0, true => |i: Tensor<2, Int>| { let p = i.clone().split(3, 1); (p[0].clone(), p[2].clone(), i.narrow(1, 5, 2)) };
    base_slice_assign_kinds: (ints([2, 6], 9), ints([2, 2], 9)), -1.0..1.0, true => |(i, v): (Tensor<2, Int>, Tensor<2, Int>)| (i.clone().slice_assign(s![.., 1..3], v.clone()), i.greater_elem(4).slice_assign(s![.., 4..6], v.lower_elem(5)));
    base_slice_assign_backwards: (floats([2, 6]), floats([2, 3])), -1.0..1.0, true => |(x, v): (Tensor<2>, Tensor<2>)| (x.clone().slice_assign(s![.., 1..4;-1], v.clone()), x.clone().slice_assign(s![.., 0..6;-2], v.clone()), x.slice_assign(s![.., 1..6;2], v));
    base_slice_assign_bool_steps: (ints([2, 6], 9), ints([2, 3], 9)), -1.0..1.0, true => |(i, v): (Tensor<2, Int>, Tensor<2, Int>)| i.greater_elem(4).slice_assign(s![.., ..;2], v.greater_elem(4));
    base_slice_assign_rank_4: (floats([2, 3, 4, 5]), floats([2, 2, 2, 2])), -1.0..1.0, true => |(x, v): (Tensor<4>, Tensor<4>)| x.slice_assign(s![.., 0..2, 1..4;2, 3..5], v);
    base_slice_assign_everything: (floats([2, 3]), floats([2, 3])), -1.0..1.0, true => |(x, v): (Tensor<2>, Tensor<2>)| (x.clone().slice_assign(s![.., ..], v.clone()), x.slice_assign(s![.., ..;-1], v));
    base_slice_assign_batch: floats([6, 3]), -1.0..1.0, true => |x: Tensor<2>| { let b = x.dims()[0]; let v = x.clone().slice(s![1..b, ..]) * 2.0; (x.clone().slice_assign(s![0..b - 1, ..], v.clone()), x.slice_assign(s![1.., ..], v)) };
    base_slice_assign_batch_corner: floats([6, 3]), -1.0..1.0, true => |x: Tensor<2>| { let v = x.clone().slice(s![..;2, 0..2]) * 2.0; x.slice_assign(s![..;2, 1..3], v) };
    base_slice_assign_batch_steps: (floats([2, 3]), floats([2, 3])), -1.0..1.0, true => |(x, v): (Tensor<2>, Tensor<2>)| { let z = Tensor::cat(vec![x.clone(), x], 0); (z.clone().slice_assign(s![..;2, ..], v.clone()), z.slice_assign(s![..;-2, ..], v)) };
    base_slice_fill_kinds: ints([2, 6], 9), -1.0..1.0, true => |i: Tensor<2, Int>| (i.clone().slice_fill(s![.., 2..], 7), i.greater_elem(4).slice_fill(s![.., 1..5;2], true));
    base_select_kinds: ints([2, 5], 9), -1.0..1.0, true => |i: Tensor<2, Int>| { let at = Tensor::<1, Int>::from_ints([4, 0, 0, 2], &i.device()); (i.clone().select(1, at.clone()), i.greater_elem(4).select(1, at)) };
    base_select_by_small_ints: (floats([2, 5]), ints([3], 5)), -1.0..1.0, false => |(x, i): (Tensor<2>, Tensor<1, Int>)| (x.clone().select(1, i.clone().cast(IntDType::I32)), x.clone().select(1, i.clone().cast(IntDType::U8)), x.select(1, i.cast(IntDType::I16)));
    base_select_one: floats([2, 5]), -1.0..1.0, true => |x: Tensor<2>| { let at = Tensor::<1, Int>::from_ints([0], &x.device()); (x.clone().select(0, at.clone()), x.select(1, at)) };
    base_select_assign_twice: (floats([2, 5]), floats([2, 3])), -1.0..1.0, true => |(x, v): (Tensor<2>, Tensor<2>)| { let at = Tensor::<1, Int>::from_ints([3, 0, 3], &x.device()); (x.clone().select_assign(1, at.clone(), v.clone(), IndexingUpdateOp::Add), x.clone().select_assign(1, at.clone(), v.clone(), IndexingUpdateOp::Mul), x.clone().select_assign(1, at.clone(), v.clone(), IndexingUpdateOp::Min), x.select_assign(1, at, v, IndexingUpdateOp::Max)) };
    base_select_assign_once: (floats([2, 5]), floats([2, 1])), -1.0..1.0, true => |(x, v): (Tensor<2>, Tensor<2>)| { let at = Tensor::<1, Int>::from_ints([3], &x.device()); (x.clone().select_assign(1, at.clone(), v.clone(), IndexingUpdateOp::Assign), x.clone().select_assign(1, at.clone(), v.clone(), IndexingUpdateOp::Mul), x.clone().select_assign(1, at.clone(), v.clone(), IndexingUpdateOp::Min), x.select_assign(1, at, v, IndexingUpdateOp::Max)) };
    base_select_assign_int: (ints([2, 5], 9), ints([2, 3], 7)), -1.0..1.0, true => |(x, v): (Tensor<2, Int>, Tensor<2, Int>)| { let at = Tensor::<1, Int>::from_ints([3, 0, 3], &x.device()); (x.clone().select_assign(1, at.clone(), v.clone(), IndexingUpdateOp::Assign), x.clone().select_assign(1, at.clone(), v.clone(), IndexingUpdateOp::Add), x.clone().select_assign(1, at.clone(), v.clone(), IndexingUpdateOp::Min), x.select_assign(1, at, v, IndexingUpdateOp::Max)) };
    base_select_assign_bool: (ints([2, 5], 9), ints([2, 3], 7)), -1.0..1.0, true => |(x, v): (Tensor<2, Int>, Tensor<2, Int>)| { let at = Tensor::<1, Int>::from_ints([3, 0, 3], &x.device()); x.greater_elem(6).select_assign(1, at, v.greater_elem(3), IndexingUpdateOp::Add) };
    base_gather_kinds: (ints([2, 5], 9), ints([2, 3], 5)), -1.0..1.0, true => |(x, i): (Tensor<2, Int>, Tensor<2, Int>)| (x.clone().gather(1, i.clone()), x.clone().greater_elem(4).gather(1, i.clone()), x.gather(1, i.cast(IntDType::I32)));
    base_gather_rank_3: (floats([2, 3, 4]), ints([2, 5, 4], 3)), -1.0..1.0, true => |(x, i): (Tensor<3>, Tensor<3, Int>)| x.gather(1, i);
    base_scatter_twice: (floats([2, 5]), ints([2, 3], 2), floats([2, 3])), -1.0..1.0, true => |(x, i, v): (Tensor<2>, Tensor<2, Int>, Tensor<2>)| (x.clone().scatter(1, i.clone(), v.clone(), IndexingUpdateOp::Add), x.clone().scatter(1, i.clone(), v.clone(), IndexingUpdateOp::Mul), x.clone().scatter(1, i.clone(), v.clone(), IndexingUpdateOp::Min), x.scatter(1, i, v, IndexingUpdateOp::Max));
    base_scatter_assign: (floats([2, 5]), floats([2, 3])), -1.0..1.0, false => |(x, v): (Tensor<2>, Tensor<2>)| { let i = Tensor::<2, Int>::from_ints([[3, 0, 4], [1, 2, 0]], &x.device()); x.scatter(1, i, v, IndexingUpdateOp::Assign) };
    base_scatter_int: (ints([2, 5], 9), ints([2, 3], 4), ints([2, 3], 7)), -1.0..1.0, true => |(x, i, v): (Tensor<2, Int>, Tensor<2, Int>, Tensor<2, Int>)| (x.clone().scatter(1, i.clone(), v.clone(), IndexingUpdateOp::Add), x.clone().scatter(1, i.clone(), v.clone(), IndexingUpdateOp::Mul), x.clone().scatter(1, i.clone(), v.clone(), IndexingUpdateOp::Min), x.scatter(1, i, v, IndexingUpdateOp::Max));
    base_scatter_bool: (ints([2, 5], 9), ints([2, 3], 4), ints([2, 3], 7)), -1.0..1.0, true => |(x, i, v): (Tensor<2, Int>, Tensor<2, Int>, Tensor<2, Int>)| x.greater_elem(6).scatter(1, i, v.greater_elem(2), IndexingUpdateOp::Add);
    base_scatter_bool_once: (ints([2, 5], 9), ints([2, 1], 4)), -1.0..1.0, true => |(x, i): (Tensor<2, Int>, Tensor<2, Int>)| { let v = i.clone().greater_elem(1); x.greater_elem(6).scatter(1, i, v, IndexingUpdateOp::Add) };
    base_scatter_not_a_number: (floats([2, 5]), ints([2, 1], 4)), 0.5..1.0, true => |(x, i): (Tensor<2>, Tensor<2, Int>)| { let nan = x.clone().slice(s![.., 0..1]).neg().log(); (x.clone().scatter(1, i.clone(), nan.clone(), IndexingUpdateOp::Min), x.scatter(1, i, nan, IndexingUpdateOp::Max)) };
    base_scatter_half: (floats([2, 5]), ints([2, 3], 2), floats([2, 3])), -1.0..1.0, true => |(x, i, v): (Tensor<2>, Tensor<2, Int>, Tensor<2>)| x.cast(FloatDType::F16).scatter(1, i, v.cast(FloatDType::F16), IndexingUpdateOp::Max).cast(FloatDType::F32);
    base_gather_nd: (floats([3, 4, 2]), ints([5, 2], 3)), -1.0..1.0, false => |(x, i): (Tensor<3>, Tensor<2, Int>)| (x.clone().gather_nd::<2, 2>(i.clone()), x.gather_nd::<2, 3>(i.slice(s![.., 0..1])));
    base_gather_nd_int: (ints([3, 4], 9), ints([2, 5, 2], 3)), -1.0..1.0, false => |(x, i): (Tensor<2, Int>, Tensor<3, Int>)| x.gather_nd::<3, 2>(i);
    base_scatter_nd: (floats([3, 4]), floats([2, 4])), -1.0..1.0, false => |(x, v): (Tensor<2>, Tensor<2>)| { let i = Tensor::<2, Int>::from_ints([[2], [0]], &x.device()); (x.clone().scatter_nd(i.clone(), v.clone(), IndexingUpdateOp::Assign), x.clone().scatter_nd(i.clone(), v.clone(), IndexingUpdateOp::Add), x.clone().scatter_nd(i.clone(), v.clone(), IndexingUpdateOp::Mul), (x.clone().scatter_nd(i.clone(), v.clone(), IndexingUpdateOp::Min), x.scatter_nd(i, v, IndexingUpdateOp::Max))) };
    base_scatter_nd_twice: (floats([3, 4]), floats([3])), -1.0..1.0, false => |(x, v): (Tensor<2>, Tensor<1>)| { let i = Tensor::<2, Int>::from_ints([[2, 1], [0, 3], [2, 1]], &x.device()); x.scatter_nd(i, v, IndexingUpdateOp::Add) };
    base_scatter_nd_int: (ints([3, 4], 9), ints([2, 4], 7)), -1.0..1.0, false => |(x, v): (Tensor<2, Int>, Tensor<2, Int>)| { let i = Tensor::<2, Int>::from_ints([[2], [0]], &x.device()); (x.clone().scatter_nd(i.clone(), v.clone(), IndexingUpdateOp::Assign), x.clone().scatter_nd(i.clone(), v.clone(), IndexingUpdateOp::Add), x.clone().scatter_nd(i.clone(), v.clone(), IndexingUpdateOp::Mul), x.scatter_nd(i, v, IndexingUpdateOp::Max)) };
    base_mask_where_broadcast: (floats([2, 3, 4]), floats([2, 1, 4])), -1.0..1.0, true => |(x, v): (Tensor<3>, Tensor<3>)| { let m = v.clone().greater_elem(0.0); (x.clone().mask_where(m.clone(), v.clone()), v.mask_where(m, x)) };
    base_mask_where_kinds: (ints([2, 5], 9), ints([2, 5], 5)), -1.0..1.0, true => |(x, y): (Tensor<2, Int>, Tensor<2, Int>)| { let m = y.clone().greater_elem(2); (x.clone().mask_where(m.clone(), y.clone()), x.greater_elem(4).mask_where(m, y.equal_elem(3))) };
    base_mask_fill_kinds: (ints([2, 5], 9), ints([2, 1], 5)), -1.0..1.0, true => |(x, y): (Tensor<2, Int>, Tensor<2, Int>)| { let m = y.greater_elem(2); let b = x.clone().greater_elem(4); (x.mask_fill(m.clone(), -7), b.clone().mask_fill(m.clone(), true), b.mask_fill(m, false)) };
    base_mask_fill_infinity: floats([2, 5]), -1.0..1.0, true => |x: Tensor<2>| { let m = x.clone().lower_elem(0.0); let y = x.mask_fill(m, f32::NEG_INFINITY); (y.clone().is_inf(), y.exp()) };
    base_mask_small_types: ints([2, 5], 9), -1.0..1.0, true => |i: Tensor<2, Int>| { let m = i.clone().greater_elem(4); (i.clone().cast(IntDType::I8).mask_fill(m.clone(), -3).cast(IntDType::I64), i.clone().cast(IntDType::U32).mask_fill(m.clone(), 3).cast(IntDType::I64), i.clone().cast(IntDType::I32).mask_where(m, i.cast(IntDType::I32) * 2).cast(IntDType::I64)) };
    base_equal_floats: (floats([2, 3, 1]), floats([2, 1, 4])), 0.5..1.0, true => |(x, y): (Tensor<3>, Tensor<3>)| { let x = (x * 3.0).floor(); let y = (y * 3.0).floor(); (x.clone().equal(y.clone()), x.clone().not_equal(y), x.clone().equal_elem(2.0), x.not_equal_elem(2.0)) };
    base_equal_not_a_number: floats([2, 5]), -1.0..1.0, true => |x: Tensor<2>| { let y = x.log(); (y.clone().equal(y.clone()), y.clone().not_equal(y.clone()), y.clone().equal_elem(0.0), y.not_equal_elem(0.0)) };
    base_equal_bools: (ints([2, 5], 3), ints([2, 1], 2)), -1.0..1.0, true => |(x, y): (Tensor<2, Int>, Tensor<2, Int>)| { let a = x.greater_elem(0); let b = y.greater_elem(0); (a.clone().equal(b.clone()), a.clone().not_equal(b), (a.clone().equal_elem(true), a.clone().equal_elem(false)), (a.clone().not_equal_elem(true), a.not_equal_elem(false))) };
    base_equal_small_types: (ints([2, 5], 3), ints([2, 5], 2)), -1.0..1.0, true => |(x, y): (Tensor<2, Int>, Tensor<2, Int>)| (x.clone().cast(IntDType::I8).equal(y.clone().cast(IntDType::I8)), x.clone().cast(IntDType::U16).not_equal(y.clone().cast(IntDType::U16)), x.clone().cast(IntDType::U32).equal_elem(2), x.cast(IntDType::U64).equal(y.cast(IntDType::U64)));
    base_repeat_kinds: ints([2, 3], 9), -1.0..1.0, true => |i: Tensor<2, Int>| (i.clone().repeat_dim(1, 2), i.clone().greater_elem(4).repeat_dim(0, 3), i.clone().repeat(&[2, 3]), i.repeat_dim(1, 1));
    base_repeat_nothing: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| x.repeat_dim(1, 0).sum_dim(1);
    base_cat_kinds: (ints([2, 3], 9), ints([2, 1], 9)), -1.0..1.0, true => |(x, y): (Tensor<2, Int>, Tensor<2, Int>)| (Tensor::cat(vec![x.clone(), y.clone()], 1), Tensor::cat(vec![x.greater_elem(4), y.greater_elem(4)], 1));
    base_cat_one: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| Tensor::cat(vec![x], 1);
    base_stack_kinds: (ints([2, 3], 9), ints([2, 3], 5)), -1.0..1.0, true => |(x, y): (Tensor<2, Int>, Tensor<2, Int>)| (Tensor::stack::<3>(vec![x.clone(), y.clone()], 0), Tensor::stack::<3>(vec![x.greater_elem(4), y.greater_elem(2)], 2));
    base_casts_of_floats: floats([2, 5]), -3.0..3.0, true => |x: Tensor<2>| (x.clone().cast(FloatDType::F64).cast(FloatDType::F32), x.clone().cast(FloatDType::F16).cast(FloatDType::F32), x.clone().cast(IntDType::I32).cast(IntDType::I64), x.cast(FloatDType::F32));
    base_cast_bf16: floats([2, 5]), -3.0..3.0, true => |x: Tensor<2>| x.cast(FloatDType::BF16).cast(FloatDType::F32);
    base_casts_of_ints: ints([2, 5], 900), -3.0..3.0, true => |i: Tensor<2, Int>| ((i.clone().cast(IntDType::I32).cast(IntDType::I64), i.clone().cast(IntDType::I16).cast(IntDType::I64)), (i.clone().cast(IntDType::I8).cast(IntDType::I64), i.clone().cast(IntDType::U8).cast(IntDType::I64)), (i.clone().cast(IntDType::U16).cast(IntDType::I64), i.clone().cast(IntDType::U32).cast(IntDType::I64)), i.cast(IntDType::U64).cast(IntDType::I64));
    base_created_ints: ints([2, 3], 9), -1.0..1.0, true => |i: Tensor<2, Int>| { let d = i.device(); let [b, n] = i.dims(); (i.clone() + Tensor::<2, Int>::zeros([b, n], &d), i.clone() * Tensor::<2, Int>::ones([1, n], &d), i + Tensor::<2, Int>::full([b, 1], -5, &d)) };
    base_created_bools: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| { let d = x.device(); let [b, n] = x.dims(); let m = x.greater_elem(0.0); (m.clone().bool_or(Tensor::<2, Bool>::zeros([b, n], &d)), m.bool_and(Tensor::<2, Bool>::ones([b, n], &d))) };
    base_created_like: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| (x.zeros_like() + x.clone(), x.ones_like() * x.clone(), x.full_like(0.25) - x);
    base_empty_kinds: (floats([2, 3]), ints([2, 3], 9)), -1.0..1.0, true => |(x, i): (Tensor<2>, Tensor<2, Int>)| { let d = x.device(); let b = x.dims()[0]; let m = x.clone().greater_elem(0.0); (Tensor::cat(vec![Tensor::<2>::empty([b, 2], &d) * 0.0, x], 1), Tensor::cat(vec![Tensor::<2, Int>::empty([b, 2], &d).mul_scalar(0), i], 1), Tensor::cat(vec![Tensor::<2, Bool>::empty([b, 1], &d).bool_and(Tensor::<2, Bool>::zeros([b, 1], &d)), m], 1)) };
    base_truth_of_floats: floats([2, 5]), -1.0..1.0, true => |x: Tensor<2>| { let y = (x * 2.0).trunc(); (y.clone().any(), y.clone().all(), y.clone().any_dim(1), y.all_dim(0)) };
    base_truth_of_ints: ints([2, 5], 3), -1.0..1.0, true => |i: Tensor<2, Int>| (i.clone().any(), i.clone().all(), i.clone().any_dim(0), i.all_dim(1));
    base_truth_of_bools: ints([2, 5], 3), -1.0..1.0, true => |i: Tensor<2, Int>| { let m = i.greater_elem(0); (m.clone().any(), m.clone().all(), m.clone().any_dim(0), m.all_dim(0)) };
    base_truth_of_nothing: floats([2, 5]), -1.0..1.0, true => |x: Tensor<2>| { let m = x.greater_elem(0.0).slice(s![.., 0..0]); (m.clone().all_dim(1), m.clone().any_dim(1), m.clone().all(), m.any()) };
    base_truth_rank_1: ints([5], 3), -1.0..1.0, false => |i: Tensor<1, Int>| (i.clone().any(), i.all());
    base_bools_from_numbers: (floats([2, 5]), ints([2, 5], 2)), -1.0..1.0, true => |(x, i): (Tensor<2>, Tensor<2, Int>)| ((x * 2.0).trunc().bool(), i.bool());
    base_aliases: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| { let y = x * 2.0; (y.clone(), y.clone().slice(s![.., ..]), y.cast(FloatDType::F32)) };
}

/// A sequence of any length in the middle.
fn sequence<O: oasis::export::Values>(name: &str, f: impl Fn(Tensor<3>) -> O + Send + 'static) {
    let exported = Exporter::new()
        .name(name)
        .input("x")
        .float_range("x", -1.0..1.0)
        .dynamic_axis("x", 0, "batch")
        .dynamic_axis("x", 1, "time")
        .export(&Nothing, floats::<3>([2, 6, 3]), move |_, x| f(x))
        .unwrap_or_else(|e| panic!("{e}"));
    verify(name, &exported);
}

fn base_time_slices() {
    sequence("base_time_slices", |x| {
        let t = x.dims()[1];
        (
            x.clone().slice(s![.., 0..t - 1, ..]),
            x.clone().slice(s![.., t - 3..t, ..]),
            x.clone().slice(s![.., 1..t;2, ..]),
            x.slice(s![.., 1..t - 1;-2, ..]),
        )
    });
}

fn base_time_flip_and_roll() {
    sequence("base_time_flip_and_roll", |x| (x.clone().flip([1]), x.flip([0, 2])));
}

fn base_time_unfold() {
    sequence("base_time_unfold", |x| (x.clone().unfold::<4, _>(1, 3, 1), x.unfold::<4, _>(1, 2, 3)));
}

fn base_time_assign() {
    sequence("base_time_assign", |x| {
        let t = x.dims()[1];
        let v = x.clone().slice(s![.., 1..t, ..]) * 2.0;
        let w = x.clone().slice(s![.., 0..t;2, 0..2]) * 3.0;
        (
            x.clone().slice_assign(s![.., 0..t - 1, ..], v.clone()),
            x.clone().slice_assign(s![.., 1..t;-1, ..], v),
            x.slice_assign(s![.., 0..t;2, 1..3], w),
        )
    });
}

fn base_time_repeat_and_expand() {
    sequence("base_time_repeat_and_expand", |x| {
        let [b, t, c] = x.dims();
        (x.clone().mean_dim(1).repeat_dim(1, t), x.clone().mean_dim(1).expand([b, t, c]), x.repeat_dim(1, 2))
    });
}

fn base_opset_17() {
    let sample = (floats::<2>([2, 5]), ints::<2>([2, 3], 4), floats::<2>([2, 3]));
    let exported = Exporter::new()
        .opset(17)
        .export(&Nothing, sample, |_, (x, i, v): (Tensor<2>, Tensor<2, Int>, Tensor<2>)| {
            let m = x.clone().greater_elem(0.0);
            (
                x.clone().scatter(1, i.clone(), v, IndexingUpdateOp::Add),
                (m.clone().any_dim(1), m.clone().all_dim(0)),
                m.clone().scatter(1, i.clone(), i.greater_elem(1), IndexingUpdateOp::Add),
                x.slice(s![.., 1..4;-1]).mask_fill(m.slice(s![.., 1..4;-1]), 0.5),
            )
        })
        .unwrap_or_else(|e| panic!("{e}"));
    verify("base_opset_17", &exported);
}

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![
        base_time_slices,
        base_time_flip_and_roll,
        base_time_unfold,
        base_time_assign,
        base_time_repeat_and_expand,
        base_opset_17,
    ]
}
