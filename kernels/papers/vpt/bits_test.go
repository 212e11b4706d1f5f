// The files that a run reads are in the native program only.

//go:build !js

package vpt

import (
	"testing"

	"petri/kernels/f32"
)

// pinned are digests of four-step trials, one per method and per backbone. They are what this engine gives on every machine,
// vectorised or not, at any GOAMD64. Made by this test on 2026-11-26 with engine 0.1.0; a change of the numerics that alters
// them has to raise wire.Engine, and these with it.
var pinned = []struct{ link, digest string }{
	{"arms=head", "60792c54d83e31ce45e0a72450d083eb0a67a489ce7dbe4b1a7b512f446ec7b0"},
	{"arms=full", "f4a03c142be7e73c684c8a4a01bb98835e28fee56299a4e572f4c878e1e98a86"},
	{"arms=scratch", "1d7cae4bc8a49adaac3ec0470dd7afc28a1d8dc89a0c06e5c8df4f3b34adf460"},
	{"arms=bitfit", "6d9109874d09c39760e6a14600480fca02f0bc9810394db01509840f8fdb822f"},
	{"arms=ln", "adb37400662566372d65962229af45a78d08cdbbb450d2f2744c1e1dae6f3f07"},
	{"arms=ia3&backbone=vtiny-mae", "0e84bb8e9d83071bf66b0aade61402ec2dc0e2fb317d5e00813c827adf0ce754"},
	{"arms=vpt-deep:4&dropout=0.1", "39cf17ab1e9b7b1d1dc90c1f516f0887474f9e03a4cc779fcded4300c4e9588d"},
	{"arms=vpt-deep:3&depth=2&order=top-down&projection=8", "aa39e17bb479e08ce49965aad9a095df6829b1217c57bcb6e7d25454c4bcd843"},
	{"arms=vpt-shallow:4&task=style", "a92e7c54f7c50b47467381a1487d0d5703b6735f626321f73c90c7ed7f63524e"},
	{"arms=ln&task=inverted", "db6d56c0a52b7101284f18702c2ec398b7f08e9a79622bf8bf11456b20e47e8c"},
	{"arms=lora:2&task=noise", "8fbb4afd29f37c6ddd3210a57e3ab25635abc84676444efc73636912f2c636bb"},
	{"arms=lora:2&task=texture", "efd05b944bf81985f0614d4b04ba14848c7c53af36471113738262b0f4732815"},
	{"arms=full&task=count", "a9d547ee2ad280313cd74e881f39bb77eebc79a2df8454b237a0502ae5b9e26c"},
	{"arms=bitfit&task=orientation", "7995f20d8b44cc945f40153013df177a2c75f14a84c29d0aaf5bf6cd15223f4c"},
	{"arms=adaptformer:8~scale=0.5", "25d906c5ea049bff15605541e970e047fd29fb35a51ebf187b45358584005595"},
	{"arms=adaptformer:8&form=sequential", "45054e5228fbf4cf674a04a11c2fe801ecbb80c05d89c693aedeca6ea6d4ef79"},
	{"arms=houlsby:4&norms=trained", "44562318ba6f8dbf909eee7ab00e4675886d590ff4eacb23407f85b13b73fb25"},
	{"arms=pfeiffer:4&place=attn", "c9b90ab47c7b9465de7f84699eec042f1c08f9e6f21e6c359c676c972f4c35d4"},
	{"arms=lora:4~backbone=vtiny-mae&dropout=0.1", "3bfe35d0352a56025feae5d5b1d97a05964092759b0cae566e4587ea7f1b68ab"},
	{"arms=prefix:3&mlp=16", "3311fd81002a7150bddfe2eb043954c2b3a32c74aa71a29d5e38978b46c56ee6"},
	{"arms=krona:8", "c14e4fc1f11d01068cbbf723e7be25a181f267ac73fea0ea75b2793c7b34a5af"},
	{"arms=compacter:4", "cee43ee92b8e5ded551ac9ea466949822b7e611c6826b99e5519b35bdf6828a8"},
	{"arms=vpt-deep:2&backbone=vsmall-mae", "cf129f245b647dc49a0081b82ec3b6161b33f30f96cdaf79cbc7c687f452846d"},
	{"arms=lora:4&equal=memory", "f1d153b476ca44f14705b4aa967eb3f8909a2e485a91e56d8fd9320d57c20a0a"},
	{"arms=lora:4&equal=parameters", "1b2dcfdc7ada54ba523dd2c453336501cd9b48efb1dfadd7707c48f1399b8068"},
}

func TestBitsArePinned(t *testing.T) {
	defer f32.UseScalar(false)
	for _, scalar := range []bool{false, true} {
		f32.UseScalar(scalar)
		for _, p := range pinned {
			tr := alone(t, p.link+"&lr=0.01&batch=5&train=64&steps=4")
			for range 4 {
				tr.TrainStep()
			}
			if got := tr.Result().Digest; got != p.digest {
				t.Errorf("%s, scalar %v: digest %s, want %s", p.link, scalar, got, p.digest)
			}
		}
	}
}
