//! The gated prior in steps of a row and of a code: together they compute the logits of one pass over the grid, and no
//! number twice (Ramachandran et al. 2017, "Fast Generation for Convolutional Autoregressive Models").
//!
//! The vertical stack sees whole rows above, so it takes one step a row and gives the horizontal stack a context for
//! every column. The horizontal stack takes one step a code. The state of each stack holds the last inputs of every
//! layer, as many as the widest dilation reaches back; they are zeros before the first row, and before the first code
//! of every row.

use burn::tensor::activation::relu;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Int, Tensor, module};

use super::gated::{DILATIONS, GatedPixelCnn, MIRRORED, gate};

/// How many past rows or columns a state holds: the widest dilation.
const REACH: usize = DILATIONS[DILATIONS.len() - 1];

impl GatedPixelCnn {
    /// The length of a column's context: for every layer `2 * channels` numbers that are added to the input of its
    /// gate, then the `channels` numbers of the position's bias.
    pub fn context_size(&self) -> usize {
        (2 * self.layers.len() + 1) * self.channels()
    }

    /// The shape of one grid's state in [`GatedPixelCnn::row_step`]: `[layers, reach, channels, columns]`. A batch of
    /// them has one more dimension in front; the state of [`GatedPixelCnn::code_step`] has no columns.
    pub fn above_size(&self) -> [usize; 4] {
        let [_, channels, _, columns] = self.place.val().dims();
        [self.layers.len(), REACH, channels, columns]
    }

    /// One row of the vertical stack.
    ///
    /// Takes the codes of the row above `[batch, columns]` (K, one more than the largest code, above the first row),
    /// the row's number `[batch]`, conditions `[batch, 2]` and the state `above`
    /// `[batch, layers, reach, channels, columns]`. Returns the contexts of the row's columns
    /// `[batch, columns, context]` and the next state.
    pub fn row_step(
        &self,
        codes: Tensor<2, Int>,
        row: Tensor<1, Int>,
        condition: Tensor<2, Int>,
        above: Tensor<5>,
    ) -> (Tensor<3>, Tensor<5>) {
        let [batch, columns] = codes.dims();
        let [_, channels, rows, _] = self.place.val().dims();
        let place = self.place.val().permute([0, 2, 1, 3]).reshape([rows, channels, columns]);
        let here = place.select(0, row).reshape([batch, channels, 1, columns]);
        let steer = self.steer(condition);
        let embedded = self.embed_or_none(codes.reshape([batch * columns]));
        let embedded = embedded.reshape([batch, 1, columns, channels]).permute([0, 3, 1, 2]);
        let mut vertical = self.mirror_above.forward(embedded.clone().flip([3])) + embedded + here.clone();
        let (mut contexts, mut inputs) = (Vec::new(), Vec::new());
        for (index, layer) in self.layers.iter().enumerate() {
            let dilation = DILATIONS[index % DILATIONS.len()];
            let past = above.clone().narrow(1, index, 1).narrow(2, REACH - dilation, 1);
            let pair = Tensor::cat(vec![past.reshape([batch, channels, 1, columns]), vertical.clone()], 2);
            let (weight, bias) = (layer.vertical.weight.val(), layer.vertical.bias.as_ref().map(|bias| bias.val()));
            let seen = module::conv2d(pair, weight, bias, ConvOptions::new([1, 1], [0, dilation], [1, dilation], 1));
            let (for_vertical, for_horizontal) = layer.steers(steer.clone());
            inputs.push(vertical.clone().reshape([batch, 1, 1, channels, columns]));
            contexts.push(layer.across.forward(seen.clone()) + for_horizontal);
            vertical = vertical + layer.vertical_out.forward(gate(seen + for_vertical));
        }
        contexts.push(here);
        let contexts = Tensor::cat(contexts, 1).permute([0, 3, 1, 2]).reshape([batch, columns, self.context_size()]);
        (contexts, Tensor::cat(vec![above.narrow(2, 1, REACH - 1), Tensor::cat(inputs, 1)], 2))
    }

    /// One code of the horizontal stack.
    ///
    /// Takes the code to the left `[batch]` (K at the first of a row), the codes around the mirror image of the column
    /// `[batch, 5]` ([`MIRRORED`]) from right to left, the column's context `[batch, context]` and the state `left`
    /// `[batch, layers, reach, channels]`. A mirrored code is K where it is not in the left half of the row, and all
    /// five are K where the column itself is in the left half. Returns logits `[batch, K]` and the next state.
    pub fn code_step(
        &self,
        code: Tensor<1, Int>,
        mirrored: Tensor<2, Int>,
        context: Tensor<2>,
        left: Tensor<4>,
    ) -> (Tensor<2>, Tensor<4>) {
        let [batch] = code.dims();
        let channels = self.channels();
        let here = context.clone().narrow(1, 2 * self.layers.len() * channels, channels);
        let mirrored = self.embed_or_none(mirrored.reshape([batch * MIRRORED])).reshape([batch, MIRRORED * channels]);
        let mirrored = product(&self.mirror_left, mirrored);
        let mut horizontal = mirrored + self.embed_or_none(code) + here.clone();
        let mut inputs = Vec::new();
        for (index, layer) in self.layers.iter().enumerate() {
            let dilation = DILATIONS[index % DILATIONS.len()];
            let past = left.clone().narrow(1, index, 1).narrow(2, REACH - dilation, 1).reshape([batch, channels]);
            let pair = Tensor::cat(vec![past, horizontal.clone()], 1);
            inputs.push(horizontal.clone().reshape([batch, 1, 1, channels]));
            let across = context.clone().narrow(1, 2 * index * channels, 2 * channels);
            let gated = gate(product(&layer.horizontal, pair) + across);
            horizontal = horizontal + product(&layer.horizontal_out, gated);
        }
        let head = product(&self.head, relu(horizontal + here));
        let logits = product(&self.logits, relu(head));
        (logits, Tensor::cat(vec![left.narrow(2, 1, REACH - 1), Tensor::cat(inputs, 1)], 2))
    }

    fn channels(&self) -> usize {
        self.place.val().dims()[1]
    }

    /// The embeddings `[n, channels]` of codes `[n]`; that of K is zeros.
    fn embed_or_none(&self, codes: Tensor<1, Int>) -> Tensor<2> {
        let table = self.codes.weight.val();
        let none = Tensor::zeros([1, self.channels()], &table.device());
        Tensor::cat(vec![table, none], 0).select(0, codes)
    }
}

/// A convolution at one position, as a matrix product: `x` holds what lies under the kernel, `[batch, rows * columns *
/// inputs]`.
fn product(conv: &burn::nn::conv::Conv2d, x: Tensor<2>) -> Tensor<2> {
    let [outputs, inputs, rows, columns] = conv.weight.val().dims();
    let weight = conv.weight.val().permute([2, 3, 1, 0]).reshape([rows * columns * inputs, outputs]);
    let y = x.matmul(weight);
    match &conv.bias {
        Some(bias) => y + bias.val().reshape([1, outputs]),
        None => y,
    }
}
