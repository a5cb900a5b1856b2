"""transformers and diffusers find the device; tiny models of theirs train and generate on it, unchanged."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import torch_npu  # noqa: F401

transformers = pytest.importorskip("transformers")
SIZES = {"vocab_size": 64, "bos_token_id": 0, "eos_token_id": 1}


def gpt2() -> torch.nn.Module:
    config = transformers.GPT2Config(n_positions=32, n_embd=32, n_layer=2, n_head=2, **SIZES)
    return transformers.GPT2LMHeadModel(config)


def llama(**options: object) -> torch.nn.Module:
    config = transformers.LlamaConfig(
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        **SIZES,
        **options,
    )
    return transformers.LlamaForCausalLM(config)


def tokens(count: int = 16, length: int = 16) -> torch.Tensor:
    return torch.randint(2, 64, (count, length), generator=torch.Generator().manual_seed(0))


def test_it_finds_the_device() -> None:
    from transformers.utils import is_torch_npu_available

    assert is_torch_npu_available()


@pytest.mark.parametrize("make", [gpt2, llama])
def test_trainer_and_generation(make: object, tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = make()
    rows = [{"input_ids": row, "labels": row} for row in tokens()]
    arguments = transformers.TrainingArguments(
        output_dir=str(tmp_path), max_steps=6, per_device_train_batch_size=8, learning_rate=1e-2, bf16=True,
        report_to=[], logging_steps=1, save_steps=6, disable_tqdm=True,
    )  # fmt: skip
    assert arguments.device.type == "npu"
    trainer = transformers.Trainer(model=model, args=arguments, train_dataset=rows)
    trainer.train()
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    assert losses[-1] < losses[0] and model.device == torch.device("npu:0")
    start = tokens(2, 4).npu()
    sampled = model.generate(start, max_new_tokens=6, do_sample=True, top_k=5, pad_token_id=0)
    assert sampled.device == start.device and torch.equal(sampled[:, :4], start)
    assert model.generate(start, max_new_tokens=6, num_beams=2, pad_token_id=0).shape[0] == 2


def test_attention_of_the_device_agrees_with_the_plain_one() -> None:
    torch.manual_seed(0)
    plain = llama(attn_implementation="eager").npu().eval()
    fused = llama(attn_implementation="sdpa").npu().eval()
    fused.load_state_dict(plain.state_dict())
    with torch.no_grad():
        torch.testing.assert_close(fused(tokens().npu()).logits, plain(tokens().npu()).logits, rtol=1e-4, atol=1e-5)


def test_bert_classifies() -> None:
    config = transformers.BertConfig(
        vocab_size=64, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
    )
    model = transformers.BertForSequenceClassification(config).npu()
    mask = torch.ones(4, 16, dtype=torch.long)
    mask[1, 9:] = 0
    labels = torch.tensor([0, 1, 0, 1])
    loss = model(input_ids=tokens(4).npu(), attention_mask=mask.npu(), labels=labels.npu()).loss
    loss.backward()
    assert all(p.grad is not None for p in model.parameters())


def test_diffusers_trains_and_samples() -> None:
    diffusers = pytest.importorskip("diffusers")
    from diffusers.utils import is_torch_npu_available

    assert is_torch_npu_available()
    torch.manual_seed(0)
    model = diffusers.UNet2DModel(
        sample_size=16, layers_per_block=1, block_out_channels=(16, 32), norm_num_groups=8,
        down_block_types=("DownBlock2D", "AttnDownBlock2D"), up_block_types=("AttnUpBlock2D", "UpBlock2D"),
    ).npu()  # fmt: skip
    scheduler = diffusers.DDPMScheduler(num_train_timesteps=10)
    images, noise, steps = torch.randn(2, 3, 16, 16).npu(), torch.randn(2, 3, 16, 16).npu(), torch.tensor([3, 7]).npu()
    predicted = model(scheduler.add_noise(images, noise, steps), steps).sample
    torch.nn.functional.mse_loss(predicted, noise).backward()
    assert all(p.grad is not None for p in model.parameters())
    pipeline = diffusers.DDPMPipeline(model, scheduler)
    pipeline.set_progress_bar_config(disable=True)
    assert pipeline(batch_size=1, num_inference_steps=2, output_type="np").images.shape == (1, 16, 16, 3)
