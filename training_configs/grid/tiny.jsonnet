// Four runs of two updates each, to see that everything runs: one task, and another that starts from
// the encoder of the first. Some seconds each, and numbers that say nothing.
local experiment = import '../lib/experiment.libsonnet';
local two_cores = import '../lib/two_cores.libsonnet';

local tiny(task) = experiment {
  tasks: [task],
  training+: two_cores { epochs: 1 },
  data_loader+: { max_instances: 16, batches_per_epoch: 2 },
  validation_data_loader+: { max_instances: 16 },
};

{
  seeds: [13, 14],
  runs: {
    pos: { config: tiny('pos') },
    // `@pos/` is the folder of the run `pos` of the same seed, which is therefore done first.
    pos_then_dep: {
      config: tiny('dep') {
        model+: {
          initializer: {
            regexes: [
              ['backbone', { type: 'pretrained', weights_file_path: '@pos/model.tar.gz' }],
            ],
          },
        },
      },
    },
  },
}
