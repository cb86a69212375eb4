using Microsoft.Extensions.Options;
using Spn.Server.Requests;

namespace Spn.Server;

/// <summary>The models that requests can choose, by their names. The first is the default.</summary>
internal sealed class Models(IOptions<SpnServerOptions> options)
{
    private readonly OrderedDictionary<string, SpnModel> _models = new(options.Value.Models);

    public SpnModel Find(string name) => _models[name];

    /// <summary>The fields of an endpoint, with the names of the models.</summary>
    public Field[] Complete(Field[] fields)
        => [.. fields.Select(field => field.Name == Field.Model.Name ? field with { Values = [.. _models.Keys] } : field)];
}
