using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Orleans.Serialization;

/// <summary>Copies an object member by member, by code that is emitted once for the type.</summary>
internal sealed class MemberwiseCopier<T> : Copier<T>
{
    private readonly CopyMembers _copyMembers = Emit(SerializableMembers.Of(typeof(T)));
    private readonly bool _hasConstructor = typeof(T).GetConstructor(
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, []) is not null && !typeof(T).IsAbstract;

    private delegate void CopyMembers(ref T source, ref T target, CopyContext context);

    public override T Copy(T value, CopyContext context)
    {
        T target;
        if (typeof(T).IsValueType)
        {
            target = default!;
            _copyMembers(ref value, ref target, context);
            return target;
        }

        if (value is null)
        {
            return value;
        }

        if (context.TryGetCopy(value, out var known))
        {
            return (T)known!;
        }

        // As the real one does: through the constructor without parameters where there is one.
        target = (T)(_hasConstructor
            ? Activator.CreateInstance(typeof(T), nonPublic: true)!
            : RuntimeHelpers.GetUninitializedObject(typeof(T)));
        context.Record(value, target!);
        _copyMembers(ref value, ref target, context);
        return target;
    }

    /// <summary>Emits <c>target.f = Copiers.CopyMember(source.f, context)</c> for each field, read-only ones too.</summary>
    private static CopyMembers Emit(List<FieldInfo> fields)
    {
        var byRef = typeof(T).MakeByRefType();
        Type[] parameters = [byRef, byRef, typeof(CopyContext)];
        var method = new DynamicMethod("Copy" + typeof(T).Name, null, parameters, typeof(T).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        foreach (var field in fields)
        {
            LoadObject(il, OpCodes.Ldarg_1);
            LoadObject(il, OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldfld, field);
            if (!ShallowTypes.Contains(field.FieldType))
            {
                il.Emit(OpCodes.Ldarg_2);
                il.Emit(OpCodes.Call, typeof(Copiers).GetMethod(nameof(Copiers.CopyMember))!.MakeGenericMethod(field.FieldType));
            }

            il.Emit(OpCodes.Stfld, field);
        }

        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<CopyMembers>();
    }

    private static void LoadObject(ILGenerator il, OpCode argument)
    {
        il.Emit(argument);
        if (!typeof(T).IsValueType)
        {
            il.Emit(OpCodes.Ldind_Ref);
        }
    }
}
